namespace Pewter.Blocks.Transfer;

/// <summary>Writes without what is zero anyway.</summary>
internal static class SparseCopy
{
    private const int Grain = 64 << 10;

    /// <summary>Writes a chunk to a device that reads as zeroes there, leaving out pieces of zeroes.</summary>
    public static async ValueTask WriteAsync(BlockDevice device, long offset, ReadOnlyMemory<byte> chunk, CancellationToken cancellation)
    {
        for (int at = 0; at < chunk.Length; at += Grain)
        {
            ReadOnlyMemory<byte> piece = chunk.Slice(at, Math.Min(Grain, chunk.Length - at));
            if (piece.Span.IndexOfAnyExcept((byte)0) >= 0 && !device.TryWrite(offset + at, piece.Span, fua: false))
                await device.WriteAsync(offset + at, piece, fua: false, cancellation);
        }
    }
}
