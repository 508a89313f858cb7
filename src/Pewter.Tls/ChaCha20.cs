using System.Buffers.Binary;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace Pewter.Tls;

/// <summary>The ChaCha20 stream cipher (RFC 8439, 2.3). Pure.</summary>
internal static class ChaCha20
{
    public const int KeyBytes = 32;
    public const int NonceBytes = 12;
    public const int Block = 64;

    private static readonly Vector128<uint> Constant = Vector128.Create(0x61707865u, 0x3320646e, 0x79622d32, 0x6b206574);

    /// <summary>Adds the key stream from a block on to some bytes, in place.</summary>
    public static void Apply(ReadOnlySpan<byte> key, ReadOnlySpan<byte> nonce, uint counter, Span<byte> data)
    {
        var rows = (Vector128.Create(key[..16]).AsUInt32(), Vector128.Create(key[16..]).AsUInt32());
        Span<byte> stream = stackalloc byte[Block];
        for (var at = 0; at < data.Length; at += Block, counter++)
        {
            Generate(rows, nonce, counter, stream);
            var piece = data.Slice(at, Math.Min(Block, data.Length - at));
            if (piece.Length == Block)
            {
                var words = MemoryMarshal.Cast<byte, ulong>(piece);
                var others = MemoryMarshal.Cast<byte, ulong>(stream);
                for (var i = 0; i < words.Length; i++)
                {
                    words[i] ^= others[i];
                }

                continue;
            }

            for (var i = 0; i < piece.Length; i++)
            {
                piece[i] ^= stream[i];
            }
        }
    }

    private static void Generate((Vector128<uint> Low, Vector128<uint> High) key, ReadOnlySpan<byte> nonce, uint counter, Span<byte> stream)
    {
        var last = Vector128.Create(
            counter, BinaryPrimitives.ReadUInt32LittleEndian(nonce), BinaryPrimitives.ReadUInt32LittleEndian(nonce[4..]),
            BinaryPrimitives.ReadUInt32LittleEndian(nonce[8..]));
        var (a, b, c, d) = (Constant, key.Low, key.High, last);
        for (var round = 0; round < 10; round++)
        {
            Quarter(ref a, ref b, ref c, ref d);
            (b, c, d) = (Turn(b, 1), Turn(c, 2), Turn(d, 3));
            Quarter(ref a, ref b, ref c, ref d);
            (b, c, d) = (Turn(b, 3), Turn(c, 2), Turn(d, 1));
        }

        (a + Constant).AsByte().CopyTo(stream);
        (b + key.Low).AsByte().CopyTo(stream[16..]);
        (c + key.High).AsByte().CopyTo(stream[32..]);
        (d + last).AsByte().CopyTo(stream[48..]);
    }

    private static void Quarter(ref Vector128<uint> a, ref Vector128<uint> b, ref Vector128<uint> c, ref Vector128<uint> d)
    {
        a += b;
        d = Rotate(d ^ a, 16);
        c += d;
        b = Rotate(b ^ c, 12);
        a += b;
        d = Rotate(d ^ a, 8);
        c += d;
        b = Rotate(b ^ c, 7);
    }

    private static Vector128<uint> Rotate(Vector128<uint> value, int bits) => (value << bits) | (value >>> (32 - bits));

    private static Vector128<uint> Turn(Vector128<uint> row, int by) => by switch
    {
        1 => Vector128.Shuffle(row, Vector128.Create(1u, 2, 3, 0)),
        2 => Vector128.Shuffle(row, Vector128.Create(2u, 3, 0, 1)),
        _ => Vector128.Shuffle(row, Vector128.Create(3u, 0, 1, 2)),
    };
}
