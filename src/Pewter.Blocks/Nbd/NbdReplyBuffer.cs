using System.Buffers.Binary;

namespace Pewter.Blocks.Nbd;

/// <summary>
/// Answers gathered for one send. Owned by the connection's thread; it allocates only at its making. The data of a read goes straight to its
/// place behind the head of its answer.
/// </summary>
internal sealed class NbdReplyBuffer(int capacity, bool structured)
{
    private readonly byte[] _bytes = GC.AllocateUninitializedArray<byte>(capacity, pinned: true);
    private int _count;

    public ReadOnlySpan<byte> Written => _bytes.AsSpan(0, _count);

    /// <summary>Bytes before the data of a read.</summary>
    public int ReadHeadBytes => structured ? NbdProtocol.ChunkBytes + 8 : NbdProtocol.SimpleReplyBytes;

    public bool Fits(int bytes) => bytes <= _bytes.Length - _count;

    public bool CouldFit(int bytes) => bytes <= _bytes.Length;

    /// <summary>Where the data of a read goes; call <see cref="CommitRead"/> when it is there.</summary>
    public Span<byte> ReadData(int length) => _bytes.AsSpan(_count + ReadHeadBytes, length);

    public void CommitRead(in NbdRequest request)
    {
        WriteReadHead(_bytes.AsSpan(_count), request, structured);
        _count += ReadHeadBytes + (int)request.Length;
    }

    /// <summary>Only the head of a read's answer; its data is sent after the buffer.</summary>
    public void AddReadHead(in NbdRequest request)
    {
        WriteReadHead(_bytes.AsSpan(_count), request, structured);
        _count += ReadHeadBytes;
    }

    public void AddHole(in NbdRequest request)
    {
        Span<byte> chunk = _bytes.AsSpan(_count);
        WriteChunk(chunk, NbdChunk.OffsetHole, request.Cookie, 12);
        BinaryPrimitives.WriteUInt64BigEndian(chunk[NbdProtocol.ChunkBytes..], request.Offset);
        BinaryPrimitives.WriteUInt32BigEndian(chunk[(NbdProtocol.ChunkBytes + 8)..], request.Length);
        _count += NbdProtocol.ChunkBytes + 12;
    }

    public void AddStatus(in NbdRequest request, uint error)
    {
        _count += WriteStatus(_bytes.AsSpan(_count), request, error, structured);
    }

    public void Clear() => _count = 0;

    public static void WriteReadHead(Span<byte> target, in NbdRequest request, bool structured)
    {
        if (!structured)
        {
            WriteSimple(target, request.Cookie, 0);
            return;
        }

        WriteChunk(target, NbdChunk.OffsetData, request.Cookie, request.Length + 8);
        BinaryPrimitives.WriteUInt64BigEndian(target[NbdProtocol.ChunkBytes..], request.Offset);
    }

    /// <summary>An answer without data; returns its bytes. Structured errors are for the commands whose answers are structured.</summary>
    public static int WriteStatus(Span<byte> target, in NbdRequest request, uint error, bool structured)
    {
        if (!structured || request.Command is not (NbdCommand.Read or NbdCommand.BlockStatus))
        {
            WriteSimple(target, request.Cookie, error);
            return NbdProtocol.SimpleReplyBytes;
        }

        WriteChunk(target, NbdChunk.Error, request.Cookie, 6);
        BinaryPrimitives.WriteUInt32BigEndian(target[NbdProtocol.ChunkBytes..], error);
        BinaryPrimitives.WriteUInt16BigEndian(target[(NbdProtocol.ChunkBytes + 4)..], 0);
        return NbdProtocol.ChunkBytes + 6;
    }

    public static void WriteChunk(Span<byte> target, NbdChunk type, ulong cookie, uint length)
    {
        const ushort Done = 1;
        BinaryPrimitives.WriteUInt32BigEndian(target, NbdProtocol.StructuredReplyMagic);
        BinaryPrimitives.WriteUInt16BigEndian(target[4..], Done);
        BinaryPrimitives.WriteUInt16BigEndian(target[6..], (ushort)type);
        BinaryPrimitives.WriteUInt64BigEndian(target[8..], cookie);
        BinaryPrimitives.WriteUInt32BigEndian(target[16..], length);
    }

    private static void WriteSimple(Span<byte> target, ulong cookie, uint error)
    {
        BinaryPrimitives.WriteUInt32BigEndian(target, NbdProtocol.SimpleReplyMagic);
        BinaryPrimitives.WriteUInt32BigEndian(target[4..], error);
        BinaryPrimitives.WriteUInt64BigEndian(target[8..], cookie);
    }
}
