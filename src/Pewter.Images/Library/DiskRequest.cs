using Pewter.NineP.Serving;

namespace Pewter.Images.Library;

/// <summary>Disks that somebody asks for.</summary>
internal sealed record DiskRequest
{
    public required Caller Caller { get; init; }

    public int Count { get; init; } = 1;

    /// <summary>The image's name or id; null: empty disks.</summary>
    public string? Image { get; init; }

    /// <summary>Bytes; null: as the image.</summary>
    public long? Size { get; init; }

    /// <summary>
    /// <see cref="Backings.Pool"/> for a disk in the Ceph pool, <see cref="Backings.Store"/> for one of the store; null: where the image is.
    /// </summary>
    public string? Backing { get; init; }

    public string? Name { get; init; }

    public IReadOnlyList<string> Tags { get; init; } = [];
}
