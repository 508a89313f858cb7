using System.Diagnostics;

namespace Pewter.Machines.Qemu;

/// <summary>
/// Finds out whether KVM really runs a guest here. A <c>/dev/kvm</c> proves nothing: under some hypervisors the device is there and a guest
/// hangs, QEMU aborts, or tiny guests run and a kernel does not. So a 512-byte guest is booted that must leave through QEMU's debug exit with a
/// number of its own, and then a kernel that, having nothing to run, must panic and reboot.
/// </summary>
public static class AcceleratorProbe
{
    private const byte Proof = 0x2A;

    // isa-debug-exit ends QEMU with (value << 1) | 1.
    private const int ProofExitCode = (Proof << 1) | 1;

    // Where KVM works both take less than a second; on a crowded machine some.
    private static readonly TimeSpan Deadline = TimeSpan.FromSeconds(8);

    /// <summary>Where the answer is kept until the machine boots anew: it costs seconds to find out, and daemons come and go.</summary>
    public static string KeptPath { get; } = "/run/pewter/accelerator";

    /// <summary>The best accelerator that has run guests to their end since the machine was booted.</summary>
    /// <param name="qemu">Path of <c>qemu-system-x86_64</c>.</param>
    /// <param name="kernel">A kernel that is to be run; null: the tiny guest must do.</param>
    /// <param name="keptPath">Where the answer is kept.</param>
    /// <param name="cancellation">Ends the probe.</param>
    public static async Task<Accelerator> FindAsync(string qemu, string? kernel, string keptPath, CancellationToken cancellation)
    {
        if (!File.Exists("/dev/kvm"))
        {
            return Accelerator.Tcg;
        }

        var boot = (await File.ReadAllTextAsync("/proc/sys/kernel/random/boot_id", cancellation)).Trim();
        var question = $"{boot} {qemu} {File.GetLastWriteTimeUtc(qemu).Ticks} {kernel}";
        if (await KeptAsync(keptPath, question, cancellation) is { } known)
        {
            return known;
        }

        var runs = await RunsGuestAsync(qemu, Accelerator.Kvm, cancellation)
            && (kernel is null || await RunsKernelAsync(qemu, kernel, Accelerator.Kvm, cancellation));
        var answer = runs ? Accelerator.Kvm : Accelerator.Tcg;
        Keep(keptPath, $"{question}\n{answer}\n");
        return answer;
    }

    /// <summary>Whether a tiny guest under <paramref name="accelerator"/> starts, executes and ends.</summary>
    public static async Task<bool> RunsGuestAsync(string qemu, Accelerator accelerator, CancellationToken cancellation)
    {
        var image = Path.GetTempFileName();
        try
        {
            await File.WriteAllBytesAsync(image, BootSector(), cancellation);
            string[] words =
            [
                "-M", "pc", "-m", "16", "-device", "isa-debug-exit,iobase=0xf4,iosize=0x04",
                "-drive", $"file={image},format=raw,if=floppy,readonly=on", "-boot", "a",
            ];
            return await RunAsync(qemu, accelerator, words, ProofExitCode, cancellation);
        }
        finally
        {
            File.Delete(image);
        }
    }

    /// <summary>Whether a kernel under <paramref name="accelerator"/> gets as far as looking for its first program.</summary>
    public static Task<bool> RunsKernelAsync(string qemu, string kernel, Accelerator accelerator, CancellationToken cancellation)
    {
        string[] words =
        [
            "-M", "microvm", "-m", "128", "-kernel", kernel, "-append", "panic=-1 reboot=t quiet",
            .. accelerator == Accelerator.Kvm ? ["-cpu", "host"] : Array.Empty<string>(),
        ];
        return RunAsync(qemu, accelerator, words, 0, cancellation);
    }

    private static async Task<bool> RunAsync(
        string qemu, Accelerator accelerator, IEnumerable<string> words, int proof, CancellationToken cancellation)
    {
        string[] arguments =
        [
            "-accel", accelerator == Accelerator.Kvm ? "kvm" : "tcg", "-nodefaults", "-no-user-config", "-display", "none", "-no-reboot", .. words,
        ];

        // A guest that hangs must not outlive a daemon that is killed while it waits.
        var start = new ProcessStartInfo("timeout", ["--signal=KILL", "10", qemu, .. arguments])
        {
            RedirectStandardError = true, RedirectStandardOutput = true,
        };
        using var process = Process.Start(start)!;
        return await EndsWithProofAsync(process, proof, cancellation);
    }

    private static async Task<Accelerator?> KeptAsync(string path, string question, CancellationToken cancellation)
    {
        try
        {
            var lines = await File.ReadAllLinesAsync(path, cancellation);
            return lines is [var asked, var answer] && asked == question && Enum.TryParse<Accelerator>(answer, out var known) ? known : null;
        }
        catch (IOException)
        {
            return null;
        }
    }

    private static void Keep(string path, string text)
    {
        try
        {
            Directory.CreateDirectory(Path.GetDirectoryName(path)!);
            var half = $"{path}.{Environment.ProcessId}";
            File.WriteAllText(half, text);
            File.Move(half, path, overwrite: true);
        }
        catch (Exception refused) when (refused is IOException or UnauthorizedAccessException)
        {
            // Then the next daemon finds out for itself.
        }
    }

    private static async Task<bool> EndsWithProofAsync(Process process, int proof, CancellationToken cancellation)
    {
        using var deadline = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        deadline.CancelAfter(Deadline);
        try
        {
            await process.WaitForExitAsync(deadline.Token);
            return process.ExitCode == proof;
        }
        catch (OperationCanceledException)
        {
            process.Kill(entireProcessTree: true);
            await process.WaitForExitAsync(CancellationToken.None);
            cancellation.ThrowIfCancellationRequested();
            return false;
        }
    }

    private static byte[] BootSector()
    {
        var sector = new byte[512];
        // mov al, Proof; mov dx, 0xf4; out dx, al; hlt; jmp back to hlt
        ReadOnlySpan<byte> code = [0xB0, Proof, 0xBA, 0xF4, 0x00, 0xEE, 0xF4, 0xEB, 0xFD];
        code.CopyTo(sector);
        sector[510] = 0x55;
        sector[511] = 0xAA;
        return sector;
    }
}
