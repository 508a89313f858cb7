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

    /// <summary><c>rbd</c> for a disk in the Ceph pool; null for one of the store.</summary>
    public string? Backing { get; init; }

    public string? Name { get; init; }

    public IReadOnlyList<string> Tags { get; init; } = [];
}
