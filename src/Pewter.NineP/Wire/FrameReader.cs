using System.Buffers;
using System.Buffers.Binary;

namespace Pewter.NineP.Wire;

/// <summary>
/// Cuts received bytes into frames. A frame's size is checked before anything else is done with it. Owned by the one loop that reads the
/// connection; a frame is valid until the next one is taken.
/// </summary>
internal sealed class FrameReader : IDisposable
{
    private byte[] _scratch = [];

    /// <summary>The largest frame taken; grows or shrinks with each Tversion.</summary>
    public int MessageSize { get; set; }

    /// <summary>Takes the next whole frame off <paramref name="buffer"/>; false when there is none yet.</summary>
    /// <exception cref="ProtocolException">The size is below a header's or above <see cref="MessageSize"/>.</exception>
    public bool TryRead(ref ReadOnlySequence<byte> buffer, out Frame frame)
    {
        frame = default;
        if (buffer.Length < 4)
            return false;
        var size = ReadSize(buffer);
        if (size < Protocol.HeaderSize || size > MessageSize)
            throw new ProtocolException($"A frame of {size} bytes; allowed are {Protocol.HeaderSize} to {MessageSize}.");
        if (buffer.Length < size)
            return false;
        var bytes = Contiguous(buffer, (int)size);
        buffer = buffer.Slice((int)size);
        var header = bytes.Span;
        frame = new Frame((MessageType)header[4], BinaryPrimitives.ReadUInt16LittleEndian(header[5..]), bytes[Protocol.HeaderSize..]);
        return true;
    }

    public void Dispose()
    {
        if (_scratch.Length > 0)
            ArrayPool<byte>.Shared.Return(_scratch);
        _scratch = [];
    }

    private static uint ReadSize(in ReadOnlySequence<byte> buffer)
    {
        if (buffer.FirstSpan.Length >= 4)
            return BinaryPrimitives.ReadUInt32LittleEndian(buffer.FirstSpan);
        Span<byte> bytes = stackalloc byte[4];
        buffer.Slice(0, 4).CopyTo(bytes);
        return BinaryPrimitives.ReadUInt32LittleEndian(bytes);
    }

    private ReadOnlyMemory<byte> Contiguous(in ReadOnlySequence<byte> buffer, int size)
    {
        if (buffer.First.Length >= size)
            return buffer.First[..size];
        if (_scratch.Length < size)
        {
            Dispose();
            _scratch = ArrayPool<byte>.Shared.Rent(size);
        }

        buffer.Slice(0, size).CopyTo(_scratch);
        return _scratch.AsMemory(0, size);
    }
}
