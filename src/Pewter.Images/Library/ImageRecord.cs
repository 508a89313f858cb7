using System.Globalization;
using System.Text.Json.Serialization;
using Pewter.Tree;

namespace Pewter.Images.Library;

/// <summary>All that must not be forgotten about an image. Immutable; a change is a new one.</summary>
internal sealed record ImageRecord
{
    public const string Prefix = "i";

    public required long Number { get; init; }

    public required Owner Owner { get; init; }

    /// <summary>Unique among images.</summary>
    public required string Name { get; init; }

    /// <summary>One of <see cref="ImageTypes"/>.</summary>
    public required string Type { get; init; }

    public required DateTimeOffset Created { get; init; }

    /// <summary>One of <see cref="ImageStates"/>.</summary>
    public string State { get; init; } = ImageStates.Ready;

    /// <summary>Bytes: of the disk, or of kernel and initramfs together.</summary>
    public long Size { get; init; }

    /// <summary>The layer of the disk server that holds it; null for a kernel.</summary>
    public string? Layer { get; init; }

    /// <summary>The file of the kernel that boots it.</summary>
    public string? Kernel { get; init; }

    /// <summary>The same kernel as boot loaders take it, where <see cref="Kernel"/> is an ELF file for virtual machines; null: that one.</summary>
    public string? Vmlinuz { get; init; }

    /// <summary>The file of the initramfs that goes with the kernel.</summary>
    public string? Initrd { get; init; }

    /// <summary>The kernel's command line.</summary>
    public string? Cmdline { get; init; }

    /// <summary>Whether everybody may use it.</summary>
    public bool IsPublic { get; init; }

    /// <summary>Whether it cannot be removed.</summary>
    public bool IsProtected { get; init; }

    /// <summary>Whether it was only made for the disks of a clone, and goes with the last of them.</summary>
    public bool IsTransient { get; init; }

    public IReadOnlyList<string> Tags { get; init; } = [];

    /// <summary>The number of the image it came from.</summary>
    public long? Parent { get; init; }

    /// <summary>The number of the disk that it is a snapshot of.</summary>
    public long? Disk { get; init; }

    /// <summary><see cref="Backings.Pool"/> for what was frozen in the Ceph pool, and lies there alone; null for a layer of the store.</summary>
    public string? Backing { get; init; }

    /// <summary>Where it was imported from.</summary>
    public string? Source { get; init; }

    /// <summary>The digest of what was imported, where it is known.</summary>
    public string? Sha256 { get; init; }

    [JsonIgnore]
    public string Id => string.Create(CultureInfo.InvariantCulture, $"{Prefix}{Number}");

    /// <summary>What its layer is called in the disk server, from before there is one.</summary>
    [JsonIgnore]
    public string LayerName => string.Create(CultureInfo.InvariantCulture, $"image-{Number}");
}
