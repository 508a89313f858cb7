using System.Buffers.Binary;

namespace Pewter.NineP.Wire;

/// <summary>Writes fields into a buffer that its owner made large enough by <see cref="IMessage{T}.Size"/>.</summary>
internal ref struct MessageWriter
{
    /// <summary>Room for n_uname in a message that has it in one dialect only.</summary>
    public const int UserIdSize = 4;

    private readonly Span<byte> _buffer;
    private readonly Dialect _dialect;

    public MessageWriter(Span<byte> buffer, Dialect dialect)
    {
        _buffer = buffer;
        _dialect = dialect;
    }

    /// <summary>Bytes written.</summary>
    public int Length { get; private set; }

    /// <summary>Writes a whole frame, header and body, and returns its length.</summary>
    public static int WriteFrame<T>(Span<byte> buffer, ushort tag, scoped in T message, Dialect dialect)
        where T : struct, IMessage<T>, allows ref struct
    {
        var writer = new MessageWriter(buffer[Protocol.HeaderSize..], dialect);
        message.Write(ref writer);
        var size = Protocol.HeaderSize + writer.Length;
        WriteHeader(buffer, size, T.Type, tag);
        return size;
    }

    /// <summary>Writes size[4] type[1] tag[2].</summary>
    public static void WriteHeader(Span<byte> buffer, int size, MessageType type, ushort tag)
    {
        BinaryPrimitives.WriteUInt32LittleEndian(buffer, (uint)size);
        buffer[4] = (byte)type;
        BinaryPrimitives.WriteUInt16LittleEndian(buffer[5..], tag);
    }

    public void WriteByte(byte value) => _buffer[Length++] = value;

    public void WriteUInt16(ushort value)
    {
        BinaryPrimitives.WriteUInt16LittleEndian(_buffer[Length..], value);
        Length += 2;
    }

    public void WriteUInt32(uint value)
    {
        BinaryPrimitives.WriteUInt32LittleEndian(_buffer[Length..], value);
        Length += 4;
    }

    public void WriteUInt64(ulong value)
    {
        BinaryPrimitives.WriteUInt64LittleEndian(_buffer[Length..], value);
        Length += 8;
    }

    public void WriteQid(Qid qid)
    {
        WriteByte((byte)qid.Type);
        WriteUInt32(qid.Version);
        WriteUInt64(qid.Path);
    }

    public void WriteText(scoped ReadOnlySpan<byte> text)
    {
        WriteUInt16(checked((ushort)text.Length));
        WriteBytes(text);
    }

    public void WriteData(scoped ReadOnlySpan<byte> data)
    {
        WriteUInt32((uint)data.Length);
        WriteBytes(data);
    }

    public void WriteData16(scoped ReadOnlySpan<byte> data)
    {
        WriteUInt16(checked((ushort)data.Length));
        WriteBytes(data);
    }

    public void WriteUserId(uint value)
    {
        if (_dialect == Dialect.NineP2000L)
            WriteUInt32(value);
    }

    public void WriteNames(scoped NameList names)
    {
        WriteUInt16((ushort)names.Count);
        WriteBytes(names.Encoded);
    }

    public void WriteQids(scoped QidList qids)
    {
        WriteUInt16((ushort)qids.Count);
        WriteBytes(qids.Encoded);
    }

    private void WriteBytes(scoped ReadOnlySpan<byte> bytes)
    {
        bytes.CopyTo(_buffer[Length..]);
        Length += bytes.Length;
    }
}
