namespace Pewter.Machines.Qemu;

/// <summary>A virtual machine as QEMU is to start it: validated, immutable.</summary>
public sealed record VmModel
{
    /// <summary>The machine's name, seen in <c>ps</c>.</summary>
    public required string Name { get; init; }

    /// <summary>Where its sockets and logs are.</summary>
    public required VmFiles Files { get; init; }

    /// <summary>Memory.</summary>
    public required VmMemory Memory { get; init; }

    /// <summary>QEMU's machine type: <c>microvm</c>, <c>q35</c> or <c>pc</c>.</summary>
    public string MachineType { get; init; } = "microvm";

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

    /// <summary>
    /// A UEFI firmware and the file that it keeps its variables in; null: the machine type's own firmware.
    /// </summary>
    public (string Code, string Variables)? Firmware { get; init; }

    /// <summary>Whether the guest's memory is taken from huge pages.</summary>
    public bool UsesHugePages => Memory.FilePath?.StartsWith("/dev/hugepages", StringComparison.Ordinal) == true;

    /// <summary>A Unix socket for gdb; null: none.</summary>
    public string? GdbSocket { get; init; }

    /// <summary>Waits, stopped, for the state of another machine instead of booting.</summary>
    public bool IsIncoming { get; init; }

    /// <summary>The serial number of the system, which firmware shows to the guest (SMBIOS); null: none.</summary>
    public string? SerialNumber { get; init; }

    /// <summary>Words added to QEMU's command line as they are.</summary>
    public IReadOnlyList<string> ExtraArguments { get; init; } = [];
}
