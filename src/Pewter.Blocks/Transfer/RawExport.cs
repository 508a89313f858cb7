using System.Security.Cryptography;

namespace Pewter.Blocks.Transfer;

/// <summary>Writes a device out as a raw image; a layer may be exported while disks that stand on it are in use.</summary>
public static class RawExport
{
    private const int ChunkBytes = 1 << 20;

    /// <summary>Writes to a stream; a seekable one gets holes where the device has them. Returns the SHA-256 in hexadecimal.</summary>
    public static async ValueTask<string> WriteAsync(BlockDevice device, Stream target, IProgress<long>? progress, CancellationToken cancellation)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        var chunk = new byte[ChunkBytes];
        for (long offset = 0; offset < device.Length; offset += ChunkBytes)
        {
            Memory<byte> piece = chunk.AsMemory(0, (int)Math.Min(ChunkBytes, device.Length - offset));
            await device.ReadAsync(offset, piece, cancellation);
            hash.AppendData(piece.Span);
            if (target.CanSeek && piece.Span.IndexOfAnyExcept((byte)0) < 0)
                target.Seek(piece.Length, SeekOrigin.Current);
            else
                await target.WriteAsync(piece, cancellation);
            progress?.Report(offset + piece.Length);
        }

        if (target.CanSeek)
            target.SetLength(target.Position);
        await target.FlushAsync(cancellation);
        return Convert.ToHexStringLower(hash.GetCurrentHash());
    }
}
