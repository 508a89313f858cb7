using System.Buffers.Binary;

namespace Pewter.NineP.Wire;

/// <summary>
/// Reads fields off a body. Every read is bounded by the frame: a field that would reach past the end makes the reader fail, after which
/// all reads give nothing. So a message is read in one go and asked once whether it was whole.
/// </summary>
internal ref struct MessageReader
{
    private ReadOnlySpan<byte> _rest;
    private bool _failed;

    public MessageReader(ReadOnlySpan<byte> body, Dialect dialect)
    {
        _rest = body;
        Dialect = dialect;
    }

    /// <summary>Whether every field was there and nothing is left over.</summary>
    public readonly bool IsComplete => !_failed && _rest.IsEmpty;

    /// <summary>Whether bytes are left.</summary>
    public readonly bool HasMore => !_failed && !_rest.IsEmpty;

    private Dialect Dialect { get; }

    public byte ReadByte() => Take(1) is [var value] ? value : (byte)0;

    public ushort ReadUInt16() => Take(2) is { Length: 2 } bytes ? BinaryPrimitives.ReadUInt16LittleEndian(bytes) : (ushort)0;

    public uint ReadUInt32() => Take(4) is { Length: 4 } bytes ? BinaryPrimitives.ReadUInt32LittleEndian(bytes) : 0;

    public ulong ReadUInt64() => Take(8) is { Length: 8 } bytes ? BinaryPrimitives.ReadUInt64LittleEndian(bytes) : 0;

    public Qid ReadQid() => new((QidType)ReadByte(), ReadUInt32(), ReadUInt64());

    /// <summary>A string, s: two bytes of length, then UTF-8.</summary>
    public ReadOnlySpan<byte> ReadText() => Take(ReadUInt16());

    /// <summary>count[4] and so many bytes.</summary>
    public ReadOnlySpan<byte> ReadData() => Take(ReadUInt32());

    /// <summary>n[2] and so many bytes.</summary>
    public ReadOnlySpan<byte> ReadData16() => Take(ReadUInt16());

    /// <summary>n_uname, which only 9P2000.L has; some 9P2000 clients send it nevertheless.</summary>
    public uint ReadUserId() => Dialect == Dialect.NineP2000L || HasMore ? ReadUInt32() : Protocol.NoUserId;

    /// <summary>A last field that older clients leave out.</summary>
    public uint ReadOptionalUInt32() => HasMore ? ReadUInt32() : 0;

    public NameList ReadNames()
    {
        var count = ReadUInt16();
        var start = _rest;
        if (count > Protocol.MaxWalkNames)
            _failed = true;
        for (var i = 0; i < count && !_failed; i++)
            ReadText();
        return _failed ? default : new NameList(count, start[..(start.Length - _rest.Length)]);
    }

    public QidList ReadQids() => new(Take(ReadUInt16() * (uint)Qid.Size));

    private ReadOnlySpan<byte> Take(uint count)
    {
        if (_failed || count > (uint)_rest.Length)
        {
            _failed = true;
            return default;
        }

        var taken = _rest[..(int)count];
        _rest = _rest[(int)count..];
        return taken;
    }
}
