using System.Diagnostics;

namespace Pewter.Machines.Qemu;

/// <summary>
/// Finds out whether KVM really runs a guest here. A <c>/dev/kvm</c> proves nothing: under some hypervisors the device is there and a guest
/// hangs or QEMU aborts. So a 512-byte guest is booted that must leave through QEMU's debug exit with a number of its own.
/// </summary>
public static class AcceleratorProbe
{
    private const byte Proof = 0x2A;

    // isa-debug-exit ends QEMU with (value << 1) | 1.
    private const int ProofExitCode = (Proof << 1) | 1;

    private static readonly TimeSpan Deadline = TimeSpan.FromSeconds(3);

    /// <summary>The best accelerator that has just run a guest to its end.</summary>
    /// <param name="qemu">Path of <c>qemu-system-x86_64</c>.</param>
    /// <param name="cancellation">Ends the probe.</param>
    public static async Task<Accelerator> FindAsync(string qemu, CancellationToken cancellation) =>
        File.Exists("/dev/kvm") && await RunsGuestAsync(qemu, Accelerator.Kvm, cancellation) ? Accelerator.Kvm : Accelerator.Tcg;

    /// <summary>Whether a guest under <paramref name="accelerator"/> starts, executes and ends.</summary>
    public static async Task<bool> RunsGuestAsync(string qemu, Accelerator accelerator, CancellationToken cancellation)
    {
        var image = Path.GetTempFileName();
        try
        {
            await File.WriteAllBytesAsync(image, BootSector(), cancellation);
            string[] arguments =
            [
                "-M", "pc", "-accel", accelerator == Accelerator.Kvm ? "kvm" : "tcg", "-m", "16", "-nodefaults", "-no-user-config",
                "-display", "none", "-no-reboot", "-device", "isa-debug-exit,iobase=0xf4,iosize=0x04",
                "-drive", $"file={image},format=raw,if=floppy,readonly=on", "-boot", "a",
            ];
            // A guest that hangs must not outlive a daemon that is killed while it waits.
            var start = new ProcessStartInfo("timeout", ["--signal=KILL", "4", qemu, .. arguments])
            {
                RedirectStandardError = true, RedirectStandardOutput = true,
            };
            using var process = Process.Start(start)!;
            return await EndsWithProofAsync(process, cancellation);
        }
        finally
        {
            File.Delete(image);
        }
    }

    private static async Task<bool> EndsWithProofAsync(Process process, CancellationToken cancellation)
    {
        using var deadline = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        deadline.CancelAfter(Deadline);
        try
        {
            await process.WaitForExitAsync(deadline.Token);
            return process.ExitCode == ProofExitCode;
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
