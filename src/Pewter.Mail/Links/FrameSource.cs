using System.Runtime.InteropServices;

namespace Pewter.Mail;

/// <summary>
/// Takes the bytes of a connection apart into frames. A length that cannot be is the end of the connection.
/// </summary>
internal sealed class FrameSource(int bodyMax)
{
    // Small frames come many in a read.
    private const int FirstBytes = 64 << 10;

    private byte[] _buffer = new byte[FirstBytes];
    private int _start;
    private int _end;

    /// <summary>Room for the next read; never empty.</summary>
    internal Memory<byte> Room
    {
        get
        {
            if (_start == _end)
            {
                (_start, _end) = (0, 0);
            }
            else if (_end == _buffer.Length)
            {
                var larger = _start > 0 && _end - _start <= _buffer.Length / 2 ? _buffer : new byte[_buffer.Length * 2];
                Buffer.BlockCopy(_buffer, _start, larger, 0, _end - _start);
                (_end, _start, _buffer) = (_end - _start, 0, larger);
            }

            return _buffer.AsMemory(_end);
        }
    }

    internal void Filled(int count) => _end += count;

    /// <summary>The next whole frame; false when there is none yet.</summary>
    /// <exception cref="InvalidDataException">The peer does not speak the protocol.</exception>
    internal bool TryNext(out FrameHeader header, out ReadOnlySpan<byte> body)
    {
        header = default;
        body = default;
        var left = _buffer.AsSpan(_start, _end - _start);
        if (left.Length < FrameHeader.Size)
        {
            return false;
        }

        header = MemoryMarshal.Read<FrameHeader>(left);
        if (header.BodyLength < 0 || header.BodyLength > bodyMax)
        {
            throw new InvalidDataException($"A frame of {header.BodyLength} bytes: this is no mail.");
        }

        if (left.Length - FrameHeader.Size < header.BodyLength)
        {
            return false;
        }

        body = left.Slice(FrameHeader.Size, header.BodyLength);
        _start += FrameHeader.Size + header.BodyLength;
        return true;
    }
}
