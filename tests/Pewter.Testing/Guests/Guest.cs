using System.Diagnostics;
using System.Text;
using System.Threading.Channels;
using Pewter.Images.Initramfs;
using Xunit;

namespace Pewter.Testing.Guests;

/// <summary>
/// A QEMU guest with a real Debian kernel and a busybox shell on its serial line, for what only another kernel can show: v9fs, NBD,
/// iSCSI, TIPC. Commands run one at a time; <see cref="RunAsync"/> waits for each. Disposing ends QEMU and removes its files.
/// </summary>
public sealed class Guest : IAsyncDisposable
{
    // Under TCG two cold boots at once on two cores take twice as long each; more only makes time-outs likelier.
    private static readonly SemaphoreSlim BootGate = new(2);
    private static readonly TimeSpan BootTimeout = TimeSpan.FromSeconds(120);

    private readonly Process _qemu;
    private readonly string _folder;
    private readonly Channel<string> _lines = Channel.CreateUnbounded<string>();
    private readonly StringBuilder _console = new();
    private readonly Task _reading;

    private Guest(Process qemu, string folder)
    {
        _qemu = qemu;
        _folder = folder;
        _reading = ReadConsoleAsync();
    }

    /// <summary>Everything the serial line has said.</summary>
    public string Console
    {
        get { lock (_console) return _console.ToString(); }
    }

    /// <summary>QEMU's process id.</summary>
    public int ProcessId => _qemu.Id;

    /// <summary>The folder of a kernel flavour in the cache; skips the test when it is not there.</summary>
    public static KernelBundle RequireKernel(string flavour)
    {
        var cache = Environment.GetEnvironmentVariable("PEWTER_CACHE")
            ?? Path.Combine(
                Environment.GetEnvironmentVariable("XDG_CACHE_HOME")
                ?? Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.UserProfile), ".cache"),
                "pewter");
        var folder = Path.Combine(cache, "kernels", flavour);
        if (!File.Exists(Path.Combine(folder, "release")))
            Assert.Skip($"skipped, because the guest kernel {flavour} is not in the cache: run 'eng/kernels.sh {flavour}'");
        if (!File.Exists("/usr/bin/qemu-system-x86_64"))
            Assert.Skip("skipped, because qemu-system-x86_64 is missing: run 'apt-get install qemu-system-x86'");
        return KernelBundle.Open(folder);
    }

    /// <summary>Boots a guest and returns when its shell is ready.</summary>
    public static async Task<Guest> BootAsync(GuestOptions options)
    {
        var kernel = RequireKernel(options.Kernel);
        var folder = Directory.CreateTempSubdirectory("pw-guest-").FullName;
        var initramfs = GuestInitramfs.Build(options, kernel, folder);
        await BootGate.WaitAsync();
        Guest? guest = null;
        try
        {
            guest = new Guest(Start(options, kernel, initramfs), folder);
            await guest.ReadUntilAsync(line => line == "guest-ready", BootTimeout, "boot to a shell");
            return guest;
        }
        catch
        {
            if (guest is not null) await guest.DisposeAsync();
            throw;
        }
        finally
        {
            BootGate.Release();
        }
    }

    /// <summary>Runs one line of shell and returns its exit code and output. Throws <see cref="TimeoutException"/> with the console.</summary>
    public async Task<GuestResult> RunAsync(string command, TimeSpan? timeout = null)
    {
        if (command.Contains('\n', StringComparison.Ordinal)) throw new ArgumentException("One line at a time.", nameof(command));
        await _qemu.StandardInput.WriteAsync(command + "\n");
        await _qemu.StandardInput.FlushAsync();
        var lines = await ReadUntilAsync(
            line => line.StartsWith("guest-end ", StringComparison.Ordinal), timeout ?? TimeSpan.FromSeconds(60), command);
        var exitCode = int.Parse(lines[^1]["guest-end ".Length..]);
        return new GuestResult(exitCode, string.Join('\n', lines.Take(lines.Count - 1)).TrimEnd('\n'));
    }

    /// <summary>Runs one line of shell that must succeed and returns its output.</summary>
    public async Task<string> MustRunAsync(string command, TimeSpan? timeout = null)
    {
        var result = await RunAsync(command, timeout);
        Assert.True(result.ExitCode == 0, $"'{command}' exited {result.ExitCode} in the guest:\n{result.Output}");
        return result.Output;
    }

    public async ValueTask DisposeAsync()
    {
        if (!_qemu.HasExited) _qemu.Kill();
        await _qemu.WaitForExitAsync();
        await _reading;
        _qemu.Dispose();
        Directory.Delete(_folder, recursive: true);
    }

    private static Process Start(GuestOptions options, KernelBundle kernel, string initramfs)
    {
        const string commandLine = "console=ttyS0 panic=-1 reboot=t quiet loglevel=3 tsc=reliable no_timer_check nokaslr mitigations=off "
            + "random.trust_cpu=on cryptomgr.notests net.ifnames=0";
        List<string> arguments =
        [
            "-M", "pc", "-nodefaults", "-no-user-config", "-accel", "tcg,tb-size=64", "-no-reboot", "-display", "none", "-monitor", "none",
            "-serial", "stdio", "-kernel", kernel.Vmlinux, "-initrd", initramfs, "-m", $"{options.MemoryMiB}", "-append", commandLine,
        ];
        if (options.UserNetwork) arguments.AddRange(["-netdev", "user,id=n0", "-device", "virtio-net-pci,netdev=n0,romfile="]);
        arguments.AddRange(options.QemuArguments);
        return Process.Start(new ProcessStartInfo("qemu-system-x86_64", arguments)
        {
            RedirectStandardInput = true, RedirectStandardOutput = true, RedirectStandardError = true,
        })!;
    }

    private async Task ReadConsoleAsync()
    {
        var errors = _qemu.StandardError.ReadToEndAsync();
        while (await _qemu.StandardOutput.ReadLineAsync() is { } line)
        {
            line = line.TrimEnd('\r');
            lock (_console) _console.AppendLine(line);
            _lines.Writer.TryWrite(line);
        }

        lock (_console) _console.Append(errors.Result);
        _lines.Writer.Complete();
    }

    private async Task<List<string>> ReadUntilAsync(Predicate<string> isLast, TimeSpan timeout, string what)
    {
        using var deadline = new CancellationTokenSource(timeout);
        var lines = new List<string>();
        try
        {
            while (true)
            {
                var line = await _lines.Reader.ReadAsync(deadline.Token);
                lines.Add(line);
                if (isLast(line)) return lines;
            }
        }
        catch (Exception error) when (error is OperationCanceledException or ChannelClosedException)
        {
            throw new TimeoutException($"The guest did not finish within {timeout.TotalSeconds} s: {what}\n--- console\n{Console}", error);
        }
    }
}

/// <summary>How a command in a guest ended.</summary>
/// <param name="ExitCode">The shell's <c>$?</c>.</param>
/// <param name="Output">Standard output and error, as the serial line showed them.</param>
public sealed record GuestResult(int ExitCode, string Output);
