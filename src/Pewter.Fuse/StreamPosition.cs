using Pewter.NineP;
using Pewter.NineP.Serving;

namespace Pewter.Fuse;

/// <summary>
/// A synthetic file open for reading only. It may be a text that honours offsets or a stream that ignores them; programs expect of both
/// what they know of plain files, and this gives it to them. Two habits matter: a shell's <c>read</c> takes a block and seeks back to the end of
/// the line, so what was read last can be read again; and <c>tail -f</c> seeks to the end and reads until the end of file before it shows
/// anything, so an open that asked for the end is told "end" when nothing more comes, and later that the file has grown.
/// </summary>
/// <remarks>One read at a time goes on; others wait for it, interruptibly. <c>_ahead</c> belongs to whoever holds the gate.</remarks>
internal sealed class StreamPosition : IReadingPosition
{
    private const int AheadBytes = 64 * 1024;

    /// <summary>An answer from a file that was opened in no time is there in this.</summary>
    private static readonly TimeSpan LeastPatience = TimeSpan.FromMilliseconds(20);

    private static readonly TimeSpan MostPatience = TimeSpan.FromSeconds(2);

    private readonly OpenFile _open;
    private readonly TimeSpan _nonBlockingPatience;
    private readonly FuseMountOptions _options;
    private readonly SemaphoreSlim _gate = new(1, 1);
    private readonly CancellationTokenSource _ended = new();
    private readonly RecentBytes _recent = new();
    private ulong _position;
    private volatile ReadAhead? _ahead;
    private volatile uint _tailingProcess;
    private bool _toldEnd;

    /// <param name="open">The open, which stays its owner's.</param>
    /// <param name="distance">
    /// How long opening took. A reader that may not wait (<c>grep -r</c> opens so) is made to wait some of these: a text of a far peer is no
    /// stream without news.
    /// </param>
    /// <param name="options">Patience with tails, and the clock.</param>
    public StreamPosition(OpenFile open, TimeSpan distance, FuseMountOptions options)
    {
        (_open, _options) = (open, options);
        _nonBlockingPatience = TimeSpan.FromTicks(Math.Clamp(4 * distance.Ticks, LeastPatience.Ticks, MostPatience.Ticks));
    }

    public async ValueTask<int> ReadAsync(ulong offset, Memory<byte> buffer, bool mayWait, CancellationToken cancellation)
    {
        await _gate.WaitAsync(cancellation);
        try
        {
            if (offset < _position && _recent.TryCopy(_position - offset, buffer.Span, out var again))
                return again;
            if (offset != _position)
                Seek(offset);
            var count = await ReadHereAsync(buffer, mayWait, cancellation);
            _recent.Add(buffer.Span[..count]);
            _position += (ulong)count;
            return count;
        }
        finally
        {
            _gate.Release();
        }
    }

    public ValueTask<int> WriteAsync(ulong offset, ReadOnlyMemory<byte> data, CancellationToken cancellation) =>
        _open.WriteAsync(offset, data, cancellation);

    public void SeekEnd(uint process) => _tailingProcess = process;

    public ulong? SizeFor(uint process) =>
        process != 0 && process == _tailingProcess ? Volatile.Read(ref _position) + (ulong)(_ahead?.Ready ?? 0) : null;

    public async ValueTask DisposeAsync()
    {
        await _ended.CancelAsync();
        if (_ahead is { } ahead)
            await ahead.EndAsync();
        _ended.Dispose();
        _gate.Dispose();
    }

    private void Seek(ulong offset)
    {
        _position = offset;
        _recent.Clear();
    }

    private async ValueTask<int> ReadHereAsync(Memory<byte> buffer, bool mayWait, CancellationToken cancellation)
    {
        if (_tailingProcess != 0)
            return await ReadTailAsync(buffer, cancellation);
        if (_ahead is null)
        {
            if (_open.TryRead(_position, buffer.Span, out var count))
                return count;
            if (mayWait)
                return await _open.ReadAsync(_position, buffer, cancellation);
        }

        if (!await WaitAheadAsync(mayWait ? Timeout.InfiniteTimeSpan : _nonBlockingPatience, cancellation))
            throw new FileException(Errno.EAGAIN, "Nothing has come yet.");
        return TakeAhead(buffer);
    }

    private async ValueTask<int> ReadTailAsync(Memory<byte> buffer, CancellationToken cancellation)
    {
        if (!await WaitAheadAsync(_toldEnd ? TimeSpan.Zero : _options.TailPatience, cancellation))
        {
            // From here on the size says when there is more; the reader asks that first.
            _toldEnd = true;
            return 0;
        }

        var count = TakeAhead(buffer);
        if (count > 0 && _ahead is null)
            _ahead = new ReadAhead(_open, _position + (ulong)count, new byte[AheadBytes], _ended.Token);
        return count;
    }

    /// <summary>Begins to read ahead unless that is under way, and waits; false when patience has ended before.</summary>
    private async ValueTask<bool> WaitAheadAsync(TimeSpan patience, CancellationToken cancellation)
    {
        var ahead = _ahead ??= new ReadAhead(_open, _position, new byte[AheadBytes], _ended.Token);
        if (!ahead.IsDone && patience != TimeSpan.Zero)
            await ahead.WaitAsync(patience, _options.Time, cancellation);
        return ahead.IsDone;
    }

    private int TakeAhead(Memory<byte> buffer)
    {
        var count = _ahead!.Take(buffer.Span);
        if (_ahead.Ready == 0)
            _ahead = null;
        return count;
    }
}
