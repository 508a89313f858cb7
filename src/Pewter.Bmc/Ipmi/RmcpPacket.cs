using System.Buffers.Binary;
using System.Security.Cryptography;

namespace Pewter.Bmc.Ipmi;

/// <summary>
/// A datagram of RMCP+ (IPMI 2.0, 13.6 and 13.28): the header of RMCP, that of the session, the payload, and in a session the padding, the
/// next header and the signature over all of it from the session's header on.
/// </summary>
internal readonly record struct RmcpPacket(IpmiPayload Payload, uint SessionId, uint Sequence, byte[] Data)
{
    private const byte Format = 0x06;
    private const byte Encrypted = 0x80;
    private const byte Authenticated = 0x40;
    private const byte NextHeader = 0x07;
    private const int HeaderBytes = 16;

    // Version 1.0, no sequence number, so that nothing is acknowledged by RMCP itself, class IPMI.
    private static ReadOnlySpan<byte> Rmcp => [0x06, 0x00, 0xff, 0x07];

    /// <summary>The bytes on the wire; encrypted and signed when there are keys.</summary>
    public byte[] Encode(IpmiKeys? keys)
    {
        var data = keys is null ? Data : IpmiCipher.Encrypt(keys.Encryption, Data);
        var packet = new List<byte>(HeaderBytes + data.Length + 24);
        packet.AddRange(Rmcp);
        packet.Add(Format);
        packet.Add((byte)((byte)Payload | (keys is null ? 0 : Encrypted | Authenticated)));
        Span<byte> numbers = stackalloc byte[10];
        BinaryPrimitives.WriteUInt32LittleEndian(numbers, SessionId);
        BinaryPrimitives.WriteUInt32LittleEndian(numbers[4..], Sequence);
        BinaryPrimitives.WriteUInt16LittleEndian(numbers[8..], (ushort)data.Length);
        packet.AddRange(numbers);
        packet.AddRange(data);
        return keys is null ? [.. packet] : Sign(packet, keys);
    }

    /// <summary>
    /// Reads a datagram; null when it is none that may be believed: of another format, truncated, of another session, unsigned where keys
    /// are there, or with a wrong signature.
    /// </summary>
    public static RmcpPacket? Decode(ReadOnlySpan<byte> wire, IpmiKeys? keys)
    {
        if (wire.Length < HeaderBytes || !wire.StartsWith(Rmcp) || wire[4] != Format)
            return null;
        var type = wire[5];
        var session = BinaryPrimitives.ReadUInt32LittleEndian(wire[6..]);
        var sequence = BinaryPrimitives.ReadUInt32LittleEndian(wire[10..]);
        var length = BinaryPrimitives.ReadUInt16LittleEndian(wire[14..]);
        if (wire.Length < HeaderBytes + length || session != (keys?.ConsoleId ?? 0))
            return null;
        var data = wire.Slice(HeaderBytes, length);
        var payload = (IpmiPayload)(type & 0x3f);
        if (keys is null)
            return (type & (Encrypted | Authenticated)) == 0 ? new(payload, session, sequence, data.ToArray()) : null;
        if ((type & (Encrypted | Authenticated)) != (Encrypted | Authenticated) || !IsSigned(wire, length, keys))
            return null;
        return IpmiCipher.Decrypt(keys.Encryption, data) is { } plain ? new(payload, session, sequence, plain) : null;
    }

    private static byte[] Sign(List<byte> packet, IpmiKeys keys)
    {
        // From the session's header to the next header, what is signed is a multiple of four bytes.
        const int Trailer = 2;
        var padding = (4 - ((packet.Count - Rmcp.Length + Trailer) % 4)) % 4;
        for (var i = 0; i < padding; i++)
            packet.Add(0xff);
        packet.Add((byte)padding);
        packet.Add(NextHeader);
        var signature = keys.Cipher.Hmac(keys.Integrity, packet.Skip(Rmcp.Length).ToArray());
        packet.AddRange(signature.AsSpan(0, keys.Cipher.IntegrityBytes));
        return [.. packet];
    }

    private static bool IsSigned(ReadOnlySpan<byte> wire, int length, IpmiKeys keys)
    {
        var signed = wire.Length - keys.Cipher.IntegrityBytes;
        return signed >= HeaderBytes + length + 2
            && CryptographicOperations.FixedTimeEquals(
                wire[signed..],
                keys.Cipher.Hmac(keys.Integrity, wire[Rmcp.Length..signed].ToArray()).AsSpan(0, keys.Cipher.IntegrityBytes));
    }
}
