using System.Diagnostics;
using System.Text;

namespace Pewter.Kernels.Tests.Blocks;

/// <summary>A QEMU machine without a disk: its firmware (iPXE, in the network card's ROM) runs a script and boots what that says.</summary>
internal sealed class Firmware : IAsyncDisposable
{
    private readonly Process _qemu;
    private readonly string _folder;
    private readonly StringBuilder _console = new();
    private readonly Task _reading;

    private Firmware(Process qemu, string folder)
    {
        _qemu = qemu;
        _folder = folder;
        _reading = ReadAsync();
    }

    /// <summary>Everything the serial line has said.</summary>
    public string Console
    {
        get
        {
            lock (_console)
                return _console.ToString();
        }
    }

    public static Firmware Boot(string script)
    {
        string folder = Directory.CreateTempSubdirectory($"pw-{Environment.ProcessId}-ipxe-").FullName;
        File.WriteAllText(Path.Join(folder, "boot.ipxe"), script);
        string[] arguments =
        [
            "-M", "pc,graphics=off", "-nodefaults", "-no-user-config", "-accel", "tcg,tb-size=128", "-no-reboot", "-display", "none", "-monitor", "none",
            "-serial", "stdio", "-m", "384", "-boot", "n", "-netdev", $"user,id=n0,tftp={folder},bootfile=boot.ipxe",
            "-device", "virtio-net-pci,netdev=n0", "-object", "rng-random,id=r0,filename=/dev/urandom", "-device", "virtio-rng-pci,rng=r0",
        ];
        return new Firmware(
            Process.Start(new ProcessStartInfo(Programs.Require("qemu-system-x86_64"), arguments)
            {
                RedirectStandardInput = true, RedirectStandardOutput = true, RedirectStandardError = true,
            })!,
            folder);
    }

    /// <summary>Waits until the console says something; fails with the console when it does not.</summary>
    public async Task SaysAsync(string text, TimeSpan limit)
    {
        long began = Stopwatch.GetTimestamp();
        while (!Console.Contains(text, StringComparison.Ordinal))
        {
            if (_qemu.HasExited || Stopwatch.GetElapsedTime(began) > limit)
                Assert.Fail($"The machine did not say '{text}' within {limit.TotalSeconds} s:\n{Console}");
            await Task.Delay(100);
        }
    }

    public async Task TypeAsync(string line)
    {
        await _qemu.StandardInput.WriteAsync(line + "\n");
        await _qemu.StandardInput.FlushAsync();
    }

    public async ValueTask DisposeAsync()
    {
        if (!_qemu.HasExited)
            _qemu.Kill();
        await _qemu.WaitForExitAsync();
        await _reading;
        _qemu.Dispose();
        Directory.Delete(_folder, recursive: true);
    }

    private async Task ReadAsync()
    {
        Task<string> errors = _qemu.StandardError.ReadToEndAsync();
        var buffer = new char[4096];
        while (await _qemu.StandardOutput.ReadAsync(buffer) is > 0 and int count)
        {
            lock (_console)
                _console.Append(buffer, 0, count);
        }

        lock (_console)
            _console.Append(errors.Result);
    }
}
