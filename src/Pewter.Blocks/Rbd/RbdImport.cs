using System.Buffers;

namespace Pewter.Blocks.Rbd;

/// <summary>Copies a stream onto a new image, leaving out what is zero.</summary>
internal static class RbdImport
{
    private const int Chunk = 4 << 20;

    public static async Task CopyAsync(Stream source, RbdDevice device, long length, CancellationToken cancellation)
    {
        byte[] buffer = ArrayPool<byte>.Shared.Rent(Chunk);
        try
        {
            for (long offset = 0; offset < length;)
            {
                Memory<byte> piece = buffer.AsMemory(0, (int)Math.Min(Chunk, length - offset));
                int read = await source.ReadAtLeastAsync(piece, piece.Length, throwOnEndOfStream: false, cancellation);
                if (read < piece.Length)
                    throw new BlockException(BlockErrno.EIO, $"The import ended after {offset + read} of {length} bytes.");
                if (piece.Span.ContainsAnyExcept((byte)0))
                    await device.WriteAsync(offset, piece, fua: false, cancellation);
                offset += read;
            }
            await device.FlushAsync(cancellation);
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }
}
