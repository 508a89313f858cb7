using System.Diagnostics;
using System.Text;
using Pewter.Images.Initramfs;

namespace Pewter.Testing.Guests;

/// <summary>
/// A machine that has nothing but a network card, by whose own firmware it boots a kernel and an initramfs into memory, and says when it is ready.
/// </summary>
public static class DisklessMachine
{
    /// <summary>What the kernel is told.</summary>
    public const string CommandLine = "console=ttyS0 quiet panic=-1 reboot=t net.ifnames=0";

    private const string Ready = "machine-ready";

    // Ready is when its own system has its address from our server and has told the segment so, by HTTP.
    private const string Init = """
        #!/bin/busybox sh
        /bin/busybox mkdir -p /proc /sys /dev /etc /bin
        /bin/busybox --install -s /bin
        export PATH=/bin
        mount -t proc proc /proc; mount -t sysfs sys /sys; mount -t devtmpfs dev /dev
        for module in $(cat /modules.order); do insmod /modules/$module; done
        printf '#!/bin/sh\n[ "$1" = bound ] && { ip addr add $ip/$mask dev eth0; echo "address $ip of $domain"; }\nexit 0\n' > /bin/got; chmod +x /bin/got
        ip link set eth0 up
        udhcpc -i eth0 -q -n -f -t 20 -T 1 -s /bin/got >/dev/console 2>&1
        wget -q -O - http://10.42.0.1/boot/$(cat /sys/class/net/eth0/address) >/dev/null && echo "machine-ready"
        reboot -f
        """;

    /// <summary>Switches it on at a tap, and gives what it said and how long it took from there until it was ready; zero: it never was.</summary>
    /// <param name="network">The path of the tap's namespace.</param>
    /// <param name="tap">The tap.</param>
    /// <param name="mac">The card's address.</param>
    /// <param name="direct">QEMU's own words for a kernel that is loaded without the network; empty: the firmware does it.</param>
    /// <param name="cancellation">Ends the wait.</param>
    /// <param name="ready">What it says when it is ready, after which it is switched off; null: it says so by itself, and ends.</param>
    public static async Task<(string Console, TimeSpan Took)> BootAsync(
        string network, string tap, string mac, string direct, CancellationToken cancellation, string? ready = null)
    {
        var start = Stopwatch.GetTimestamp();
        using var machine = Shell.Start(
            $"exec nsenter --net={network} timeout 170 qemu-system-x86_64 -M pc,graphics=off -nodefaults "
            + "-accel tcg -m 512 -no-reboot -display none -serial stdio -boot n "
            + $"-netdev tap,id=n0,ifname={tap},script=no,downscript=no "
            + $"-device virtio-net-pci,netdev=n0,mac={mac} {direct}");
        var console = new StringBuilder();
        var took = TimeSpan.Zero;
        while (took == TimeSpan.Zero || ready is null)
        {
            if (await machine.StandardOutput.ReadLineAsync(cancellation) is not { } line)
                break;
            console.Append(line).Append('\n');
            if (took == TimeSpan.Zero && line.Contains(ready ?? Ready, StringComparison.Ordinal))
                took = Stopwatch.GetElapsedTime(start);
        }

        if (ready is not null)
            machine.Kill(entireProcessTree: true);
        return (console.ToString(), took);
    }

    /// <summary>Builds its initramfs.</summary>
    public static string Build(KernelBundle kernel, string folder)
    {
        var path = Path.Combine(folder, "initrd.cpio");
        using var file = File.Create(path);
        var archive = new CpioWriter(file);
        archive.AddFile("/init", Encoding.UTF8.GetBytes(Init), 0x1ED);
        archive.AddFile("/bin/busybox", File.ReadAllBytes("/bin/busybox"), 0x1ED);
        archive.AddSymlink("/bin/sh", "busybox");
        archive.AddDirectory("/dev");
        archive.AddCharacterDevice("/dev/console", 5, 1);
        archive.AddCharacterDevice("/dev/null", 1, 3, 0x1B6);
        var modules = kernel.ResolveModules(["virtio_pci", "virtio_net", "af_packet"]);
        foreach (var module in modules)
            archive.AddFile("/modules/" + Path.GetFileName(module), File.ReadAllBytes(module));
        archive.AddFile("/modules.order", Encoding.UTF8.GetBytes(string.Join('\n', modules.Select(Path.GetFileName)) + "\n"));
        archive.Complete();
        return path;
    }
}
