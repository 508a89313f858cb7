namespace Pewter.Blocks;

/// <summary>A run of blocks of one kind.</summary>
/// <param name="Length">Bytes.</param>
/// <param name="IsHole">Not allocated here nor in any layer below; reads as zeroes.</param>
/// <param name="IsZero">Known to read as zeroes, allocated or not.</param>
public readonly record struct BlockExtent(long Length, bool IsHole, bool IsZero);
