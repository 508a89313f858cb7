using System.Buffers.Binary;
using System.Text;

namespace Pewter.Networks.Plane.Names;

/// <summary>A question of DNS, and the answers to it (RFC 1035, 4). Names are in lower case and without the final dot.</summary>
internal sealed class DnsMessage
{
    public const ushort AddressType = 1;
    public const ushort NameServerType = 2;
    public const ushort AuthorityType = 6;
    public const ushort PointerType = 12;
    public const ushort Address6Type = 28;
    public const ushort ExtensionType = 41;
    public const ushort AnyType = 255;

    private const int HeaderBytes = 12;
    private const int LongestName = 255;
    private const int LongestLabel = 63;

    private readonly List<byte> _records = [];
    private int _answers;
    private int _authorities;

    private DnsMessage(ushort id, ushort flags, string name, ushort type, byte[] question, bool hasExtension) =>
        (Id, Flags, Name, Type, Question, HasExtension) = (id, flags, name, type, question, hasExtension);

    public ushort Id { get; }

    public ushort Flags { get; }

    /// <summary>What is asked for.</summary>
    public string Name { get; }

    public ushort Type { get; }

    /// <summary>The question's own bytes.</summary>
    public byte[] Question { get; }

    /// <summary>Whether the asker knows EDNS (RFC 6891).</summary>
    public bool HasExtension { get; }

    /// <summary>Reads a message with one question; null when it is none.</summary>
    public static DnsMessage? Parse(ReadOnlySpan<byte> bytes)
    {
        const ushort Response = 0x8000, Operation = 0x7800;
        if (bytes.Length < HeaderBytes + 5
            || (BinaryPrimitives.ReadUInt16BigEndian(bytes[2..]) & (Response | Operation)) != 0
            || BinaryPrimitives.ReadUInt16BigEndian(bytes[4..]) != 1)
        {
            return null;
        }

        var (at, labels) = (HeaderBytes, new List<string>());
        while (at < bytes.Length && bytes[at] != 0)
        {
            // A question has no pointers: there is nothing before it to point to.
            if (bytes[at] > LongestLabel || at + 1 + bytes[at] >= bytes.Length || at - HeaderBytes > LongestName)
            {
                return null;
            }

            labels.Add(Encoding.ASCII.GetString(bytes.Slice(at + 1, bytes[at])).ToLowerInvariant());
            at += 1 + bytes[at];
        }

        if (at + 5 > bytes.Length)
        {
            return null;
        }

        var hasExtension = BinaryPrimitives.ReadUInt16BigEndian(bytes[10..]) > 0;
        return new DnsMessage(
            BinaryPrimitives.ReadUInt16BigEndian(bytes), BinaryPrimitives.ReadUInt16BigEndian(bytes[2..]), string.Join('.', labels),
            BinaryPrimitives.ReadUInt16BigEndian(bytes[(at + 1)..]), bytes[HeaderBytes..(at + 5)].ToArray(), hasExtension);
    }

    /// <summary>The bytes of a name.</summary>
    public static byte[] Encode(string name)
    {
        var bytes = new List<byte>();
        foreach (var label in name.Split('.', StringSplitOptions.RemoveEmptyEntries))
        {
            bytes.Add((byte)label.Length);
            bytes.AddRange(Encoding.ASCII.GetBytes(label));
        }

        bytes.Add(0);
        return [.. bytes];
    }

    /// <summary>Adds an answer about the name that was asked for.</summary>
    public void Answer(ushort type, uint seconds, ReadOnlySpan<byte> data)
    {
        // A pointer to the question's name.
        Add([0xc0, HeaderBytes], type, seconds, data);
        _answers++;
    }

    /// <summary>Adds what an answer without answers needs: who speaks for the zone (RFC 2308).</summary>
    public void Authority(string zone, uint seconds, ReadOnlySpan<byte> data)
    {
        Add(Encode(zone), AuthorityType, seconds, data);
        _authorities++;
    }

    /// <summary>The reply as it goes on the wire.</summary>
    public byte[] Reply(byte code, bool isAuthoritative)
    {
        const ushort Response = 0x8000, Authoritative = 0x0400, RecursionDesired = 0x0100;
        ReadOnlySpan<byte> extension = HasExtension ? [0, 0, 41, 4, 208, 0, 0, 0, 0, 0, 0] : [];
        var bytes = new byte[HeaderBytes + Question.Length + _records.Count + extension.Length];
        BinaryPrimitives.WriteUInt16BigEndian(bytes, Id);
        var flags = Response | (Flags & RecursionDesired) | (isAuthoritative ? Authoritative : 0) | code;
        BinaryPrimitives.WriteUInt16BigEndian(bytes.AsSpan(2), (ushort)flags);
        BinaryPrimitives.WriteUInt16BigEndian(bytes.AsSpan(4), 1);
        BinaryPrimitives.WriteUInt16BigEndian(bytes.AsSpan(6), (ushort)_answers);
        BinaryPrimitives.WriteUInt16BigEndian(bytes.AsSpan(8), (ushort)_authorities);
        BinaryPrimitives.WriteUInt16BigEndian(bytes.AsSpan(10), (ushort)(HasExtension ? 1 : 0));
        Question.CopyTo(bytes.AsSpan(HeaderBytes));
        _records.CopyTo(bytes, HeaderBytes + Question.Length);
        extension.CopyTo(bytes.AsSpan(bytes.Length - extension.Length));
        return bytes;
    }

    private void Add(ReadOnlySpan<byte> name, ushort type, uint seconds, ReadOnlySpan<byte> data)
    {
        Span<byte> fixedPart = stackalloc byte[10];
        BinaryPrimitives.WriteUInt16BigEndian(fixedPart, type);
        BinaryPrimitives.WriteUInt16BigEndian(fixedPart[2..], 1);
        BinaryPrimitives.WriteUInt32BigEndian(fixedPart[4..], seconds);
        BinaryPrimitives.WriteUInt16BigEndian(fixedPart[8..], (ushort)data.Length);
        _records.AddRange(name);
        _records.AddRange(fixedPart);
        _records.AddRange(data);
    }
}
