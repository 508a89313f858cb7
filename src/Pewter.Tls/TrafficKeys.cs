using System.Buffers.Binary;
using System.Security.Cryptography;

namespace Pewter.Tls;

/// <summary>
/// The protection of the records of one direction by AEAD_CHACHA20_POLY1305 (RFC 8439, 2.8; RFC 8446, 5.2 and 5.3). Used by one at a time; every
/// record has a number of its own.
/// </summary>
internal sealed class TrafficKeys
{
    private readonly byte[] _secret;
    private readonly byte[] _key;
    private readonly byte[] _start;
    private ulong _number;

    public TrafficKeys(byte[] secret) => (_secret, _key, _start) = (
        secret, KeySchedule.ExpandLabel(secret, "key", [], ChaCha20.KeyBytes), KeySchedule.ExpandLabel(secret, "iv", [], ChaCha20.NonceBytes));

    /// <summary>What follows after a key update (RFC 8446, 7.2).</summary>
    public TrafficKeys Next() => new(KeySchedule.ExpandLabel(_secret, "traffic upd", [], Sha256.Bytes));

    /// <summary>The code by which a side shows that it has seen a transcript (RFC 8446, 4.4.4).</summary>
    public byte[] Finished(ReadOnlySpan<byte> transcript) => KeySchedule.Finished(_secret, transcript);

    /// <summary>Encrypts in place, and writes the tag.</summary>
    public void Seal(ReadOnlySpan<byte> header, Span<byte> data, Span<byte> tag)
    {
        Span<byte> nonce = stackalloc byte[ChaCha20.NonceBytes];
        Take(nonce);
        ChaCha20.Apply(_key, nonce, 1, data);
        Tag(nonce, header, data, tag);
    }

    /// <summary>Decrypts in place; false, and nothing is decrypted, when somebody has changed it.</summary>
    public bool Open(ReadOnlySpan<byte> header, Span<byte> data, ReadOnlySpan<byte> tag)
    {
        Span<byte> nonce = stackalloc byte[ChaCha20.NonceBytes];
        Take(nonce);
        Span<byte> own = stackalloc byte[Poly1305.TagBytes];
        Tag(nonce, header, data, own);
        if (!CryptographicOperations.FixedTimeEquals(own, tag))
        {
            return false;
        }

        ChaCha20.Apply(_key, nonce, 1, data);
        return true;
    }

    private void Take(Span<byte> nonce)
    {
        _start.CopyTo(nonce);
        var last = nonce[^8..];
        BinaryPrimitives.WriteUInt64BigEndian(last, BinaryPrimitives.ReadUInt64BigEndian(last) ^ _number++);
    }

    private void Tag(ReadOnlySpan<byte> nonce, ReadOnlySpan<byte> header, ReadOnlySpan<byte> data, Span<byte> tag)
    {
        Span<byte> once = stackalloc byte[ChaCha20.KeyBytes];
        once.Clear();
        ChaCha20.Apply(_key, nonce, 0, once);
        var code = new Poly1305(once);
        code.AddPadded(header);
        code.AddPadded(data);
        code.Add((ulong)header.Length, (ulong)data.Length);
        code.Finish(tag);
    }
}
