using System.Globalization;
using System.Text;
using System.Threading.Channels;
using Pewter.NineP;
using Pewter.NineP.Serving;
using Pewter.Tree;

namespace Pewter.Execution.Streams;

/// <summary>
/// An open of the output of a group: the records (lines) of all its processes, each whole and behind its process's number, <c>3: text</c>. Order
/// is kept within a process. A slow reader holds the processes back by their own rules; nothing grows here.
/// </summary>
internal sealed class FanInOpen : TreeOpen
{
    // A record that is longer is passed on in pieces, each tagged, so that one process without newlines cannot fill memory.
    private const int RecordBytes = 64 << 10;
    private const int RecordsWaiting = 64;

    private readonly IReadOnlyList<Func<CancellationToken, ValueTask<OpenFile>>> _sources;
    private readonly CancellationTokenSource _stop = new();
    private readonly SemaphoreSlim _reading = new(1, 1);
    private readonly Channel<byte[]> _records = Channel.CreateBounded<byte[]>(RecordsWaiting);
    private Task? _pumping;
    private ReadOnlyMemory<byte> _rest;

    internal FanInOpen(TreeFile file, IReadOnlyList<Func<CancellationToken, ValueTask<OpenFile>>> sources)
        : base(file) => _sources = sources;

    public override async ValueTask<int> ReadAsync(ulong offset, Memory<byte> buffer, CancellationToken cancellation)
    {
        await _reading.WaitAsync(cancellation);
        try
        {
            _pumping ??= Task.Run(PumpAllAsync, CancellationToken.None);
            if (_rest.IsEmpty && !await _records.Reader.WaitToReadAsync(cancellation))
            {
                return 0;
            }

            var filled = 0;
            while (filled < buffer.Length && (!_rest.IsEmpty || TryNext()))
            {
                var part = Math.Min(_rest.Length, buffer.Length - filled);
                _rest[..part].CopyTo(buffer[filled..]);
                _rest = _rest[part..];
                filled += part;
            }

            return filled;
        }
        finally
        {
            _reading.Release();
        }
    }

    protected override async ValueTask CloseAsync()
    {
        await _stop.CancelAsync();
        if (_pumping is not null)
        {
            await _pumping;
        }

        _stop.Dispose();
        _reading.Dispose();
    }

    private bool TryNext()
    {
        var found = _records.Reader.TryRead(out var record);
        _rest = record;
        return found;
    }

    private async Task PumpAllAsync()
    {
        try
        {
            await Task.WhenAll(_sources.Select((source, index) => PumpAsync(source, index)));
        }
        finally
        {
            _records.Writer.TryComplete();
        }
    }

    private async Task PumpAsync(Func<CancellationToken, ValueTask<OpenFile>> source, int index)
    {
        var tag = Encoding.ASCII.GetBytes(index.ToString(CultureInfo.InvariantCulture) + ": ");
        try
        {
            await using var open = await source(_stop.Token);
            var handle = new TreeHandle(open);
            var buffer = new byte[RecordBytes];
            var (filled, ended) = (0, false);
            while (!ended)
            {
                var count = await handle.ReadAsync(buffer.AsMemory(filled), _stop.Token);
                ended = count == 0;
                filled = await EmitAsync(tag, buffer, filled + count, ended);
            }
        }
        catch (OperationCanceledException) when (_stop.IsCancellationRequested)
        {
            // The reader left.
        }
        catch (FileException failure)
        {
            await EmitAsync(tag, Encoding.UTF8.GetBytes($"({failure.Message})\n"));
        }
    }

    // Passes on whole records; returns how much of an unfinished one is left at the start of the buffer.
    private async ValueTask<int> EmitAsync(byte[] tag, byte[] buffer, int filled, bool ended)
    {
        var start = 0;
        while (buffer.AsSpan(start, filled - start).IndexOf((byte)'\n') is >= 0 and var length)
        {
            await EmitAsync(tag, buffer.AsMemory(start, length + 1));
            start += length + 1;
        }

        if (filled - start == buffer.Length || (ended && filled > start))
        {
            await EmitAsync(tag, (byte[])[.. buffer.AsSpan(start, filled - start), (byte)'\n']);
            return 0;
        }

        buffer.AsSpan(start, filled - start).CopyTo(buffer);
        return filled - start;
    }

    private ValueTask EmitAsync(byte[] tag, ReadOnlyMemory<byte> record) =>
        _records.Writer.WriteAsync([.. tag, .. record.Span], _stop.Token);
}
