using System.Buffers;
using System.Buffers.Binary;

namespace Pewter.NineP.Transport;

/// <summary>
/// A serial line as sessions. Such a line has no beginning and no end: one end may go, be copied or come back without the other noticing, and
/// bytes that were meant for somebody else are still under way. So a session begins with a mark that the content cannot hold: FF 01 and a name.
/// In the content the byte FF is sent as FF 00; an FF before anything else is a sequence that was cut off, and nothing.
/// </summary>
/// <remarks>
/// One reader at a time, and any number of writers. A read that was given up leaves the line's own read under way, which the next one takes over.
/// </remarks>
internal sealed class PortLine(Stream stream)
{
    /// <summary>Letters in a session's name: 64 bits, so that no name comes twice.</summary>
    public const int NameLength = 16;

    private const byte Escape = 0xFF;
    private const byte Literal = 0x00;
    private const byte Begin = 0x01;
    private const int MarkLength = 2 + NameLength;

    // What a virtio port hands over at once is far less.
    private const int BufferSize = 64 * 1024;

    private readonly byte[] _buffer = new byte[BufferSize];
    private readonly Lock _order = new();
    private Task _sending = Task.CompletedTask;
    private int _start;
    private int _end;
    private Task<int>? _receiving;
    private string? _mark;

    /// <summary>The session whose bytes may be written.</summary>
    public object? Session { get; set; }

    /// <summary>Content of the session under way; 0: it is over, by the next one's mark or by the line's end.</summary>
    public async ValueTask<int> ReadAsync(Memory<byte> target, CancellationToken cancellation)
    {
        while (_mark is null)
        {
            if (Take(target.Span) is > 0 and var count)
            {
                return count;
            }

            if (_mark is null && !await ReceiveAsync(cancellation))
            {
                return 0;
            }
        }

        return 0;
    }

    /// <summary>The name of the next session, whatever comes before it; null: the line says that it ended.</summary>
    public async ValueTask<string?> ReadMarkAsync(CancellationToken cancellation)
    {
        var skipped = new byte[BufferSize];
        while (_mark is null)
        {
            if (Take(skipped) == 0 && _mark is null && !await ReceiveAsync(cancellation))
            {
                return null;
            }
        }

        return Interlocked.Exchange(ref _mark, null);
    }

    /// <summary>Begins a session in this direction.</summary>
    public Task WriteMarkAsync(string name, object session, CancellationToken cancellation)
    {
        var mark = ArrayPool<byte>.Shared.Rent(MarkLength);
        (mark[0], mark[1]) = (Escape, Begin);
        System.Text.Encoding.ASCII.GetBytes(name, mark.AsSpan(2, NameLength));
        return SendAsync(mark, MarkLength, () => Session = session).WaitAsync(cancellation);
    }

    /// <summary>Writes content of a session; of one that is not the line's any more nothing is written.</summary>
    /// <exception cref="IOException">The session is over.</exception>
    public Task WriteAsync(ReadOnlySpan<byte> content, object session, CancellationToken cancellation)
    {
        var bytes = ArrayPool<byte>.Shared.Rent(2 * content.Length);
        return SendAsync(bytes, Quote(content, bytes), () =>
        {
            if (Session != session)
            {
                throw new IOException("The session on this line is over.");
            }
        }).WaitAsync(cancellation);
    }

    private static int Quote(ReadOnlySpan<byte> content, Span<byte> target)
    {
        var length = 0;
        for (var next = content.IndexOf(Escape); next >= 0; next = content.IndexOf(Escape))
        {
            content[..next].CopyTo(target[length..]);
            length += next;
            BinaryPrimitives.WriteUInt16BigEndian(target[length..], (Escape << 8) | Literal);
            length += 2;
            content = content[(next + 1)..];
        }

        content.CopyTo(target[length..]);
        return length + content.Length;
    }

    // It ends on its own time: a port that nobody listens on blocks a writer, who may have given up long before.
    private Task SendAsync(byte[] bytes, int length, Action admit)
    {
        lock (_order)
        {
            return _sending = SendAfterAsync(_sending, bytes, length, admit);
        }
    }

    private async Task SendAfterAsync(Task earlier, byte[] bytes, int length, Action admit)
    {
        await Task.WhenAny(earlier);
        try
        {
            admit();
            await stream.WriteAsync(bytes.AsMemory(0, length), CancellationToken.None);
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(bytes);
        }
    }

    private async ValueTask<bool> ReceiveAsync(CancellationToken cancellation)
    {
        if (_receiving is null)
        {
            _buffer.AsSpan(_start.._end).CopyTo(_buffer);
            (_start, _end) = (0, _end - _start);
            _receiving = stream.ReadAsync(_buffer.AsMemory(_end), CancellationToken.None).AsTask();
        }

        var count = await _receiving.WaitAsync(cancellation);
        _receiving = null;
        _end += count;
        return count > 0;
    }

    /// <summary>Moves content that has come to the target, up to a mark, which is taken when nothing stands before it.</summary>
    private int Take(Span<byte> target)
    {
        var bytes = _buffer.AsSpan(_start.._end);
        var taken = 0;
        while (bytes.Length > 0 && taken < target.Length)
        {
            if (bytes[0] != Escape)
            {
                var run = bytes.IndexOf(Escape) is >= 0 and var next ? next : bytes.Length;
                run = Math.Min(run, target.Length - taken);
                bytes[..run].CopyTo(target[taken..]);
                taken += run;
                bytes = bytes[run..];
            }
            else if (bytes.Length == 1 || (bytes[1] == Begin && (taken > 0 || !TakeMark(ref bytes) || _mark is not null)))
            {
                break;
            }
            else if (bytes.Length > 1 && bytes[1] == Literal)
            {
                target[taken++] = Escape;
                bytes = bytes[2..];
            }
            else if (bytes.Length > 1 && bytes[1] != Begin)
            {
                bytes = bytes[1..];
            }
        }

        _start = _end - bytes.Length;
        return taken;
    }

    // False: more of it must come. One that was cut off is skipped, up to what cut it.
    private bool TakeMark(ref Span<byte> bytes)
    {
        var name = bytes[2..Math.Min(bytes.Length, MarkLength)];
        if (name.IndexOf(Escape) is >= 0 and var cut)
        {
            bytes = bytes[(2 + cut)..];
            return true;
        }

        if (name.Length < NameLength)
        {
            return false;
        }

        _mark = System.Text.Encoding.ASCII.GetString(name);
        bytes = bytes[MarkLength..];
        return true;
    }
}
