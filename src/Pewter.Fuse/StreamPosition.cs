using Pewter.NineP.Serving;

namespace Pewter.Fuse;

/// <summary>
/// A synthetic file open for reading only. It may be a text that honours offsets or a stream that ignores them; programs expect of both
/// what they know of plain files, and this gives it to them. Two habits matter: a shell's <c>read</c> takes a block and seeks back to the end of
/// the line, so what was read last can be read again; and <c>tail -f</c> seeks to the end and reads until the end of file before it shows
/// anything, so an open that asked for the end is told "end" when nothing more comes, and later that the file has grown.
/// </summary>
/// <remarks>One read at a time goes on; others wait for it, interruptibly. <c>_ahead</c> belongs to whoever holds the gate.</remarks>
internal sealed class StreamPosition(OpenFile open, TimeSpan patience, TimeProvider time) : IReadingPosition
{
    private const int AheadBytes = 64 * 1024;
    private readonly SemaphoreSlim _gate = new(1, 1);
    private readonly CancellationTokenSource _ended = new();
    private readonly RecentBytes _recent = new();
    private ulong _position;
    private volatile ReadAhead? _ahead;
    private volatile uint _tailingProcess;
    private bool _toldEnd;

    public async ValueTask<int> ReadAsync(ulong offset, Memory<byte> buffer, CancellationToken cancellation)
    {
        await _gate.WaitAsync(cancellation);
        try
        {
            if (offset < _position && _recent.TryCopy(_position - offset, buffer.Span, out var again))
                return again;
            if (offset != _position)
                Seek(offset);
            var count = _tailingProcess != 0
                ? await ReadTailAsync(buffer, cancellation)
                : await ReadNextAsync(buffer, cancellation);
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
        open.WriteAsync(offset, data, cancellation);

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

    private ValueTask<int> ReadNextAsync(Memory<byte> buffer, CancellationToken cancellation) =>
        open.TryRead(_position, buffer.Span, out var count)
            ? ValueTask.FromResult(count)
            : open.ReadAsync(_position, buffer, cancellation);

    private async ValueTask<int> ReadTailAsync(Memory<byte> buffer, CancellationToken cancellation)
    {
        var ahead = _ahead ??= new ReadAhead(open, _position, new byte[AheadBytes], _ended.Token);
        if (!_toldEnd && !ahead.IsDone)
            await ahead.WaitAsync(patience, time, cancellation);
        if (!ahead.IsDone)
        {
            // From here on the size says when there is more; the reader asks that first.
            _toldEnd = true;
            return 0;
        }

        var count = ahead.Take(buffer.Span);
        if (ahead.Ready == 0)
            _ahead = count == 0 ? null : new ReadAhead(open, _position + (ulong)count, ahead.Space, _ended.Token);
        return count;
    }
}
