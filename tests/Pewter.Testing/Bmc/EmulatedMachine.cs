using System.Globalization;

namespace Pewter.Testing.Bmc;

/// <summary>
/// A physical machine of a test: QEMU with one network card and no disk, behind a real IPMI controller that is the only one to switch it, and with
/// its serial line behind that controller. Its cable is a tap that is plugged into a segment by hand, as a switch would be.
/// </summary>
public sealed class EmulatedMachine : IAsyncDisposable
{
    private static int _count;

    private EmulatedMachine(IpmiSimulator controller, int number)
    {
        (Controller, Number) = (controller, number);
        Mac = string.Create(CultureInfo.InvariantCulture, $"52:54:00:{Environment.ProcessId & 0xff:x2}:{number >> 8 & 0xff:x2}:{number & 0xff:x2}");
    }

    public IpmiSimulator Controller { get; }

    /// <summary>The hardware address of its card.</summary>
    public string Mac { get; }

    /// <summary>Where its serial line is written down.</summary>
    public string SerialLog => Path.Combine(Controller.Home, "serial.log");

    /// <summary>All that its serial line has said.</summary>
    public string Serial => File.Exists(SerialLog) ? File.ReadAllText(SerialLog) : "";

    private int Number { get; }

    private string Tap => string.Create(CultureInfo.InvariantCulture, $"phy{Number}");

    /// <summary>Makes a machine that is off and plugged in nowhere.</summary>
    public static async Task<EmulatedMachine> StartAsync()
    {
        var controller = await IpmiSimulator.StartAsync();
        controller.LeaveConsole();
        return new EmulatedMachine(controller, Interlocked.Increment(ref _count));
    }

    /// <summary>Plugs its card into a segment.</summary>
    /// <param name="network">The path of the segment's namespace.</param>
    /// <param name="uefi">Whether its firmware is UEFI, not a BIOS.</param>
    /// <param name="memory">MiB.</param>
    public async Task PlugAsync(string network, bool uefi = false, int memory = 512)
    {
        var name = Path.GetFileName(network);
        var made = await Shell.RunAsync(
            $"ip -n {name} tuntap add dev {Tap} mode tap && ip -n {name} link set {Tap} master seg0 up");
        if (made.ExitCode != 0)
            throw new InvalidOperationException(made.Errors);
        var script = Path.Combine(Controller.Home, "machine.sh");
        await File.WriteAllTextAsync(script, Script(network, uefi, memory));
        File.SetUnixFileMode(script, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
    }

    /// <summary>Waits until its serial line has said something; fails with all that it said.</summary>
    public async Task SaysAsync(string text)
    {
        try
        {
            await Until.TrueAsync(() => Serial.Contains(text, StringComparison.Ordinal), $"the machine says '{text}'");
        }
        catch (TimeoutException failure)
        {
            throw new TimeoutException($"{failure.Message}\n{Serial}", failure);
        }
    }

    public async ValueTask DisposeAsync()
    {
        await Shell.RunAsync($"cd {Controller.Home} && [ ! -x machine.sh ] || ./machine.sh 0");
        await Controller.DisposeAsync();
    }

    private string Script(string network, bool uefi, int memory)
    {
        const string Code = "/usr/share/OVMF/OVMF_CODE_4M.fd", Variables = "/usr/share/OVMF/OVMF_VARS_4M.fd";
        var firmware = uefi
            ? $"-M q35 -drive if=pflash,unit=0,format=raw,readonly=on,file={Code} -drive if=pflash,unit=1,format=raw,file=vars.fd"
            : "-M pc,graphics=off";
        return string.Create(CultureInfo.InvariantCulture, $"""
            #!/bin/sh
            cd {Controller.Home}
            alive() ([ -s pid ] && readlink "/proc/$(cat pid)/exe" >/dev/null)
            case $1 in
              running) alive ;;
              0) alive && kill -9 "$(cat pid)"; while alive; do sleep 0.05; done; rm -f pid ;;
              1)
                alive && exit 0
                [ -e vars.fd ] || [ ! -e {Variables} ] || cp {Variables} vars.fd
                order=c; grep -q pxe boot 2>/dev/null && order=n
                nsenter --net={network} qemu-system-x86_64 -name pewter-test-{Tap} {firmware} -nodefaults -no-user-config \
                  -accel tcg,tb-size=64 -m {memory} -display none -boot $order -daemonize -pidfile pid \
                  -chardev socket,id=line,host=127.0.0.1,port={Controller.ConsolePort},server=on,wait=off,logfile=serial.log,logappend=on \
                  -serial chardev:line -device virtio-rng-pci -netdev tap,id=n0,ifname={Tap},script=no,downscript=no \
                  -device virtio-net-pci,netdev=n0,mac={Mac}{(uefi ? ",bootindex=1" : "")} >qemu.log 2>&1 </dev/null ;;
            esac

            """);
    }
}
