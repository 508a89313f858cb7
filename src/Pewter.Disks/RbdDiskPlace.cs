namespace Pewter.Disks;

/// <summary>Where a disk's blocks are.</summary>
/// <param name="Image">The pool's image.</param>
/// <param name="Next">The image it is being rolled back to, which takes the place of the other when the store knows; null: none.</param>
/// <param name="NextLayer">The layer of the store that <paramref name="Next"/> is a clone of.</param>
internal sealed record RbdDiskPlace(string Image, string? Next = null, string? NextLayer = null);
