namespace Pewter.Machines.Qemu;

/// <summary>A virtual machine as QEMU is to start it: validated, immutable.</summary>
public sealed record VmModel
{
    /// <summary>The machine's name, seen in <c>ps</c>.</summary>
    public required string Name { get; init; }

    /// <summary>A folder of its own for the sockets and the console log; short, since a socket's path has 107 bytes at most.</summary>
    public required string Folder { get; init; }

    /// <summary>Memory.</summary>
    public required VmMemory Memory { get; init; }

    /// <summary>QEMU's machine type: <c>pc</c>, <c>q35</c> or <c>microvm</c>.</summary>
    public string MachineType { get; init; } = "pc";

    /// <summary>What runs it.</summary>
    public Accelerator Accelerator { get; init; }

    /// <summary>Virtual CPUs.</summary>
    public int Cpus { get; init; } = 1;

    /// <summary>NUMA nodes that CPUs and memory are divided over evenly; 1: none are told.</summary>
    public int NumaNodes { get; init; } = 1;

    /// <summary>Kernel of a direct boot; null: the firmware boots.</summary>
    public string? Kernel { get; init; }

    /// <summary>Initramfs of a direct boot.</summary>
    public string? Initramfs { get; init; }

    /// <summary>Kernel command line of a direct boot.</summary>
    public string CommandLine { get; init; } = "";

    /// <summary>What the firmware tries, QEMU's letters: <c>n</c> network, <c>c</c> disk.</summary>
    public string BootOrder { get; init; } = "c";

    /// <summary>Disks, the first being the boot disk.</summary>
    public IReadOnlyList<VmDisk> Disks { get; init; } = [];

    /// <summary>Network cards, the first being the boot card.</summary>
    public IReadOnlyList<VmNic> Nics { get; init; } = [];

    /// <summary>Port on the host's loopback for gdb, with the guest held until gdb says go; null: none.</summary>
    public int? GdbPort { get; init; }

    /// <summary>Waits, stopped, for the state of another machine instead of booting.</summary>
    public bool IsIncoming { get; init; }

    /// <summary>Words added to QEMU's command line as they are.</summary>
    public IReadOnlyList<string> ExtraArguments { get; init; } = [];

    /// <summary>The monitor's socket.</summary>
    public string MonitorSocket => Path.Combine(Folder, "qmp");

    /// <summary>The serial console's socket; one client at a time.</summary>
    public string ConsoleSocket => Path.Combine(Folder, "console");

    /// <summary>All that the console ever said; QEMU writes it, so it goes on while nobody listens.</summary>
    public string ConsoleLog => Path.Combine(Folder, "console.log");

    /// <summary>The agent's end of the virtio-serial port.</summary>
    public string AgentSocket => Path.Combine(Folder, "agent");
}
