namespace Pewter.Machines.Vms;

/// <summary>What a virtual machine starts from. Immutable.</summary>
public sealed record GuestImage
{
    /// <summary>The name that it was asked for by.</summary>
    public required string Name { get; init; }

    /// <summary>The kernel of a direct boot; null: the disk or the network boots.</summary>
    public string? Kernel { get; init; }

    /// <summary>The same kernel as boot loaders take it, where <see cref="Kernel"/> is an ELF file.</summary>
    public string? BootKernel { get; init; }

    /// <summary>The kernel's initramfs.</summary>
    public string? Initramfs { get; init; }

    /// <summary>What the kernel is told beside what every guest's is.</summary>
    public string CommandLine { get; init; } = "";

    /// <summary>Whether each machine gets a disk of its own that begins as this image.</summary>
    public bool HasDisk { get; init; }
}
