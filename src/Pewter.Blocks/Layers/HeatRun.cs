namespace Pewter.Blocks.Layers;

/// <summary>Blocks first read one after another.</summary>
/// <param name="Offset">Where the run begins, in bytes.</param>
/// <param name="Length">Bytes.</param>
/// <param name="After">When its first block was first read, since the disk's first read.</param>
public readonly record struct HeatRun(long Offset, long Length, TimeSpan After);
