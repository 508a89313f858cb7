using Pewter.NineP;

namespace Pewter.Sdk.Piping;

/// <summary>Cuts a stream into lines; what is not ended yet waits for its rest. Used by one task.</summary>
internal sealed class RecordFramer
{
    /// <summary>A line that is longer is no line: 16 MiB, more than any text has and as much as one stream may hold here.</summary>
    private const int MaxRecordBytes = 16 << 20;

    private byte[] _buffer = new byte[64 << 10];
    private int _start;
    private int _end;
    private int _searched;

    /// <summary>Room for a read.</summary>
    public Memory<byte> Room(int atLeast)
    {
        if (_buffer.Length - _end < atLeast)
        {
            var kept = _end - _start;
            if (kept > MaxRecordBytes)
            {
                throw new FileException(Errno.EMSGSIZE, $"A line has more than {MaxRecordBytes >> 20} MiB; pipes between nodes carry lines.");
            }

            var larger = kept + atLeast > _buffer.Length ? new byte[Math.Max(2 * _buffer.Length, kept + atLeast)] : _buffer;
            _buffer.AsSpan(_start, kept).CopyTo(larger);
            (_buffer, _searched, _start, _end) = (larger, _searched - _start, 0, kept);
        }

        return _buffer.AsMemory(_end);
    }

    /// <summary>So much was read.</summary>
    public void Filled(int count) => _end += count;

    /// <summary>Takes the next line with its newline, and at the end of the stream what is left. It is valid until the next read.</summary>
    public bool TryTake(bool isEnd, out ReadOnlyMemory<byte> record)
    {
        var newline = _buffer.AsSpan(_searched, _end - _searched).IndexOf((byte)'\n');
        var end = newline >= 0 ? _searched + newline + 1 : isEnd ? _end : _start;
        record = _buffer.AsMemory(_start, end - _start);
        (_searched, _start) = (newline >= 0 ? end : _end, end);
        return record.Length > 0;
    }
}
