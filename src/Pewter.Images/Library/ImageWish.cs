using Pewter.NineP.Serving;

namespace Pewter.Images.Library;

/// <summary>An image that somebody asks for.</summary>
internal sealed record ImageWish
{
    public required string Name { get; init; }

    public required Caller Caller { get; init; }

    public IReadOnlyList<string> Tags { get; init; } = [];

    public bool IsPublic { get; init; }

    /// <summary>The digest there must be, in hexadecimal.</summary>
    public string? Sha256 { get; init; }

    /// <summary>A file of this machine; it is copied.</summary>
    public string? Kernel { get; init; }

    /// <summary>The same kernel as boot loaders take it, where <see cref="Kernel"/> is an ELF file for virtual machines; null: that one.</summary>
    public string? Vmlinuz { get; init; }

    /// <summary>A file of this machine; it is copied.</summary>
    public string? Initrd { get; init; }

    public string? Cmdline { get; init; }
}
