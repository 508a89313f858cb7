using System.Buffers.Binary;
using Pewter.Linux.Files;
using Pewter.Linux.Machine;

namespace Pewter.Blocks.Nbd;

/// <summary>
/// Answers gathered for one send, outside the heap. Owned by the connection's thread; it allocates only at its making. The data of a read
/// either goes straight to its place behind the head of its answer, or stays where it is mapped and is only pointed at.
/// </summary>
internal sealed unsafe class NbdReplyBuffer(int capacity, bool structured) : IDisposable
{
    // Two pieces an answer; the kernel takes up to 1,024 at once.
    private const int MaxPieces = 256;
    private readonly PageMemory _memory = new(capacity);
    private readonly IoVector[] _pieces = GC.AllocateUninitializedArray<IoVector>(MaxPieces, pinned: true);
    private readonly List<FileMapping> _held = new(4);
    private int _count;
    private int _pieceStart;
    private int _pieceCount;
    private int _mapped;

    public bool IsEmpty => _count == 0;

    /// <summary>Bytes to send.</summary>
    public int Length => _count + _mapped;

    /// <summary>Whether all is in <see cref="Written"/> and no piece lies elsewhere.</summary>
    public bool IsFlat => _mapped == 0;

    public ReadOnlySpan<byte> Written => _memory.Span[.._count];

    /// <summary>Bytes before the data of a read.</summary>
    public int ReadHeadBytes => structured ? NbdProtocol.ChunkBytes + 8 : NbdProtocol.SimpleReplyBytes;

    public bool Fits(int bytes) => bytes <= capacity - _count && _pieceCount < MaxPieces - 2;

    public bool CouldFit(int bytes) => bytes <= capacity;

    /// <summary>Where the data of a read goes; call <see cref="CommitRead"/> when it is there.</summary>
    public Span<byte> ReadData(int length) => _memory.Span.Slice(_count + ReadHeadBytes, length);

    public void CommitRead(in NbdRequest request)
    {
        WriteReadHead(_memory.Span[_count..], request, structured);
        _count += ReadHeadBytes + (int)request.Length;
    }

    /// <summary>Only the head of a read's answer; its data is sent after the buffer.</summary>
    public void AddReadHead(in NbdRequest request)
    {
        WriteReadHead(_memory.Span[_count..], request, structured);
        _count += ReadHeadBytes;
    }

    /// <summary>A read's answer whose data lies in memory that <paramref name="mapping"/> holds. False when the mapping is gone.</summary>
    public bool TryAddMapped(in NbdRequest request, FileMapping mapping)
    {
        if (!TryHold(mapping))
            return false;
        AddReadHead(request);
        EndPiece();
        _pieces[_pieceCount++] = mapping.Piece((long)request.Offset, (int)request.Length);
        _mapped += (int)request.Length;
        return true;
    }

    /// <summary>What to send, in order.</summary>
    public Span<IoVector> Pieces()
    {
        EndPiece();
        return _pieces.AsSpan(0, _pieceCount);
    }

    /// <summary>Sending failed in a mapped file: its bytes are read from now on, so that the client gets an error for them.</summary>
    public void Distrust()
    {
        foreach (FileMapping mapping in _held)
            mapping.Distrust();
    }

    public void Clear()
    {
        foreach (FileMapping mapping in _held)
            mapping.DangerousRelease();
        _held.Clear();
        _count = _pieceStart = _pieceCount = _mapped = 0;
    }

    public void AddHole(in NbdRequest request)
    {
        Span<byte> chunk = _memory.Span[_count..];
        WriteChunk(chunk, NbdChunk.OffsetHole, request.Cookie, 12);
        BinaryPrimitives.WriteUInt64BigEndian(chunk[NbdProtocol.ChunkBytes..], request.Offset);
        BinaryPrimitives.WriteUInt32BigEndian(chunk[(NbdProtocol.ChunkBytes + 8)..], request.Length);
        _count += NbdProtocol.ChunkBytes + 12;
    }

    public void AddStatus(in NbdRequest request, uint error)
    {
        _count += WriteStatus(_memory.Span[_count..], request, error, structured);
    }

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

    public void Dispose()
    {
        Clear();
        _memory.Dispose();
    }

    private void EndPiece()
    {
        if (_count == _pieceStart)
            return;
        _pieces[_pieceCount++] = new IoVector { Base = _memory.Start + _pieceStart, Length = (nuint)(_count - _pieceStart) };
        _pieceStart = _count;
    }

    private bool TryHold(FileMapping mapping)
    {
        if (_held.Contains(mapping))
            return true;
        try
        {
            bool held = false;
            mapping.DangerousAddRef(ref held);
            _held.Add(mapping);
            return true;
        }
        catch (ObjectDisposedException)
        {
            return false;
        }
    }
}
