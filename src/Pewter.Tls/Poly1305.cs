using System.Buffers.Binary;

namespace Pewter.Tls;

/// <summary>
/// The Poly1305 authenticator (RFC 8439, 2.5): a number modulo 2^130 - 5, held in limbs of 44, 44 and 42 bits so that products fit 128. A one-time
/// value: what it was given, in pieces of whole blocks but for the last.
/// </summary>
internal struct Poly1305
{
    public const int TagBytes = 16;

    private const int Block = 16;
    private const ulong Mask44 = 0xfff_ffff_ffff;
    private const ulong Mask42 = 0x3ff_ffff_ffff;
    private readonly ulong _r0, _r1, _r2, _low, _high;
    private ulong _h0, _h1, _h2;

    /// <summary>Begins with a key of 32 bytes that is used once.</summary>
    public Poly1305(ReadOnlySpan<byte> key)
    {
        var (first, second) = (BinaryPrimitives.ReadUInt64LittleEndian(key), BinaryPrimitives.ReadUInt64LittleEndian(key[8..]));
        _r0 = first & 0xffc0fffffff;
        _r1 = ((first >> 44) | (second << 20)) & 0xfffffc0ffff;
        _r2 = (second >> 24) & 0x00ffffffc0f;
        (_low, _high) = (BinaryPrimitives.ReadUInt64LittleEndian(key[16..]), BinaryPrimitives.ReadUInt64LittleEndian(key[24..]));
    }

    /// <summary>Adds bytes, and zeros up to a whole block, as TLS's cipher does (RFC 8439, 2.8).</summary>
    public void AddPadded(ReadOnlySpan<byte> data)
    {
        while (data.Length >= Block)
        {
            Add(BinaryPrimitives.ReadUInt64LittleEndian(data), BinaryPrimitives.ReadUInt64LittleEndian(data[8..]));
            data = data[Block..];
        }

        if (data.Length > 0)
        {
            Span<byte> last = stackalloc byte[Block];
            last.Clear();
            data.CopyTo(last);
            Add(BinaryPrimitives.ReadUInt64LittleEndian(last), BinaryPrimitives.ReadUInt64LittleEndian(last[8..]));
        }
    }

    /// <summary>Adds one block of two numbers.</summary>
    public void Add(ulong first, ulong second)
    {
        const ulong Bit128 = 1UL << 40;
        _h0 += first & Mask44;
        _h1 += ((first >> 44) | (second << 20)) & Mask44;
        _h2 += ((second >> 24) & Mask42) | Bit128;
        var (s1, s2) = (_r1 * 20, _r2 * 20);
        var d0 = Product(_h0, _r0) + Product(_h1, s2) + Product(_h2, s1);
        var d1 = Product(_h0, _r1) + Product(_h1, _r0) + Product(_h2, s2);
        var d2 = Product(_h0, _r2) + Product(_h1, _r1) + Product(_h2, _r0);
        d1 += (ulong)(d0 >> 44);
        d2 += (ulong)(d1 >> 44);
        _h0 = ((ulong)d0 & Mask44) + ((ulong)(d2 >> 42) * 5);
        _h1 = ((ulong)d1 & Mask44) + (_h0 >> 44);
        (_h0, _h2) = (_h0 & Mask44, (ulong)d2 & Mask42);
    }

    /// <summary>The tag.</summary>
    public readonly void Finish(Span<byte> tag)
    {
        var (h0, h1, h2) = (_h0, _h1, _h2);
        for (var i = 0; i < 2; i++)
        {
            h2 += h1 >> 44;
            h1 &= Mask44;
            h0 += (h2 >> 42) * 5;
            h2 &= Mask42;
            h1 += h0 >> 44;
            h0 &= Mask44;
        }

        // The number less the modulus, taken where that is not negative, without a branch.
        var g0 = h0 + 5;
        var g1 = h1 + (g0 >> 44);
        var g2 = h2 + (g1 >> 44) - (1UL << 42);
        var take = (g2 >> 63) - 1;
        h0 = (h0 & ~take) | (g0 & Mask44 & take);
        h1 = (h1 & ~take) | (g1 & Mask44 & take);
        h2 = (h2 & ~take) | (g2 & Mask42 & take);
        var sum = (UInt128)(h0 | (h1 << 44)) + _low;
        BinaryPrimitives.WriteUInt64LittleEndian(tag, (ulong)sum);
        BinaryPrimitives.WriteUInt64LittleEndian(tag[8..], ((h1 >> 20) | (h2 << 24)) + _high + (ulong)(sum >> 64));
    }

    private static UInt128 Product(ulong a, ulong b) => new(Math.BigMul(a, b, out var low), low);
}
