namespace Pewter.Blocks.Layers;

/// <summary>What a layer's data file looked like when it was sealed, so that later changes from outside are seen at once.</summary>
/// <param name="HasFiles">False for a layer that nothing was written to.</param>
/// <param name="DataLength">Length of the data file in bytes.</param>
/// <param name="ModifiedAt">Its time of modification, UTC.</param>
internal sealed record SealedFiles(bool HasFiles, long DataLength, DateTime ModifiedAt)
{
    public static SealedFiles None { get; } = new(false, 0, default);
}
