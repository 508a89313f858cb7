namespace Pewter.CommandLine.Diagnosis;

/// <summary>Whether virtual machines run here, and how fast: a guest of five instructions is started, because a device file proves nothing.</summary>
internal static class MachineProbe
{
    private const string Program = "qemu-system-x86_64";

    /// <summary>A guest that lives leaves by this port with this byte, which QEMU ends with as 2·n + 1.</summary>
    private const byte LeaveWith = 0x10;
    private const int Left = 33;

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);

    /// <summary><c>mov al, 0x10; out 0xf4, al; hlt</c>, as a boot sector.</summary>
    private static readonly byte[] Code = [0xB0, LeaveWith, 0xE6, 0xF4, 0xF4];

    public static async ValueTask<IReadOnlyList<Finding>> AllAsync(CommandHost host, CancellationToken cancellation)
    {
        if (await host.Programs.AskAsync(Program, ["--version"], cancellation) is not { ExitCode: 0 } version)
        {
            return [Finding.Lacks("qemu", "not installed: no virtual machines", KernelProbe.Install("qemu-system-x86"))];
        }

        var sector = Path.GetTempFileName();
        try
        {
            await File.WriteAllBytesAsync(sector, Sector(), cancellation);
            var emulated = await RunsAsync(host, "tcg", sector, cancellation);
            var qemu = emulated is null
                ? Finding.Works("qemu", version.Output.Split('\n')[0])
                : Finding.Lacks("qemu", $"a guest does not start: {emulated}", KernelProbe.Install("--reinstall qemu-system-x86 seabios"));
            return [qemu, await AcceleratedAsync(host, sector, cancellation)];
        }
        finally
        {
            File.Delete(sector);
        }
    }

    private static async ValueTask<Finding> AcceleratedAsync(CommandHost host, string sector, CancellationToken cancellation)
    {
        const string Name = "kvm";
        if (!File.Exists("/dev/kvm"))
        {
            return Finding.Lacks(Name, "no /dev/kvm: virtual machines are emulated, some ten times slower");
        }

        var problem = await RunsAsync(host, "kvm", sector, cancellation);
        return problem is null
            ? Finding.Works(Name, "a guest runs on the processor")
            : Finding.Lacks(Name, $"/dev/kvm is there and a guest does not run ({problem}): virtual machines are emulated, some ten times slower");
    }

    /// <summary>Null when the guest ran and left; else what happened.</summary>
    private static async ValueTask<string?> RunsAsync(CommandHost host, string accelerator, string sector, CancellationToken cancellation)
    {
        string[] arguments =
        [
            "10", Program, "-accel", accelerator, "-machine", "pc", "-m", "16", "-display", "none", "-serial", "none", "-monitor", "none",
            "-nodefaults",
            "-no-reboot", "-device", "isa-debug-exit,iobase=0xf4,iosize=0x04", "-drive", $"file={sector},format=raw,if=ide,readonly=off",
        ];
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        patience.CancelAfter(Patience + Patience);
        var answer = await host.Programs.AskAsync("timeout", arguments, patience.Token);
        return answer switch
        {
            null => "no program 'timeout'",
            { ExitCode: Left } => null,
            { ExitCode: ExitCode.TimedOut } => "it hangs",
            { Output: var output } => output.Trim().Split('\n')[0],
        };
    }

    private static byte[] Sector()
    {
        var sector = new byte[512];
        Code.CopyTo(sector, 0);
        sector[510] = 0x55;
        sector[511] = 0xAA;
        return sector;
    }
}
