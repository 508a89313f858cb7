namespace Pewter.Blocks.Layers;

/// <summary>An immutable layer: an image or a snapshot.</summary>
/// <param name="Id">Its id, never reused.</param>
/// <param name="Name">Its name, unique among layers, or null.</param>
/// <param name="Parent">The id of the layer it stands on, or null.</param>
/// <param name="Length">Bytes of the disk it was.</param>
/// <param name="CreatedAt">When it was sealed.</param>
public sealed record LayerInfo(string Id, string? Name, string? Parent, long Length, DateTimeOffset CreatedAt)
{
    internal SealedFiles Files { get; init; } = SealedFiles.None;
}
