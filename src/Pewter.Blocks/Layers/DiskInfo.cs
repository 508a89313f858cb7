namespace Pewter.Blocks.Layers;

/// <summary>A writable disk.</summary>
/// <param name="Id">Its id, never reused.</param>
/// <param name="Name">Its name, unique among disks, or null.</param>
/// <param name="Parent">The id of the layer it stands on, or null.</param>
/// <param name="Length">Its size in bytes.</param>
/// <param name="CreatedAt">When it was made.</param>
public sealed record DiskInfo(string Id, string? Name, string? Parent, long Length, DateTimeOffset CreatedAt)
{
    /// <summary>What is being imported into it, or null. Such a disk cannot be opened; it becomes a layer when the import completes.</summary>
    public string? Import { get; init; }

    /// <summary>Bytes of the import that are durable; it goes on from there.</summary>
    public long ImportedBytes { get; init; }

    /// <summary>The id of its writable top, and of the layer that this becomes when the disk is frozen next.</summary>
    public string Top { get; init; } = "";

    internal long? ShrinkingTo { get; init; }
}
