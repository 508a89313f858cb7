namespace Pewter.Disks;

/// <summary>Where a layer is in the pool.</summary>
/// <param name="Image">The pool's image.</param>
/// <param name="Snapshot">Its protected snapshot.</param>
/// <param name="IsCopy">Whether the store holds it too; else the pool alone does.</param>
internal sealed record RbdLayerPlace(string Image, string Snapshot, bool IsCopy);
