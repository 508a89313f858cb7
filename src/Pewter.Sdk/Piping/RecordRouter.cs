using System.Threading.Channels;
using Pewter.NineP;

namespace Pewter.Sdk.Piping;

/// <summary>
/// Carries whole records (lines) from some streams to others. Each source is read by one task and each target written by one; what waits
/// between them is bounded, so a slow target holds its sources back. Order is kept between a source and a target. A target that takes no
/// more is passed over; when none takes any more, the sources are left.
/// </summary>
internal sealed class RecordRouter : IDisposable
{
    private const int PieceBytes = 64 << 10;
    private const int PiecesWaiting = 4;

    private readonly PlannedEdge _edge;
    private readonly EdgeCounters _counters;
    private readonly Channel<ReadOnlyMemory<byte>>[] _lanes;
    private readonly bool[] _isClosed;
    private readonly CancellationTokenSource _unwanted = new();
    private int _open;

    private RecordRouter(PlannedEdge edge, EdgeCounters counters, int lanes)
    {
        (_edge, _counters, _open) = (edge, counters, lanes);
        _isClosed = new bool[lanes];
        _lanes = [.. Enumerable.Range(0, lanes).Select(_ => Channel.CreateBounded<ReadOnlyMemory<byte>>(PiecesWaiting))];
    }

    /// <summary>Carries until all sources have ended or no target takes any more. Disposes the streams: the targets' readers see the end.</summary>
    public static async Task RunAsync(
        PlannedEdge edge, EdgeCounters counters, IReadOnlyList<Stream> sources, IReadOnlyList<Stream> targets, CancellationToken cancellation)
    {
        using var router = new RecordRouter(edge, counters, targets.Count);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellation, router._unwanted.Token);
        var writing = Task.WhenAll(targets.Select((target, lane) => router.WriteAsync(target, lane, cancellation)));
        try
        {
            await Task.WhenAll(sources.Select((source, index) => router.ReadAsync(source, index, either.Token)));
        }
        finally
        {
            foreach (var lane in router._lanes)
            {
                lane.Writer.TryComplete();
            }

            await writing;
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _unwanted.Dispose();

    private async Task ReadAsync(Stream source, int index, CancellationToken cancellation)
    {
        await using (source)
        {
            var framer = new RecordFramer();
            var next = index;
            var batches = new RecordBatch[_lanes.Length];
            try
            {
                while (true)
                {
                    var count = await source.ReadAsync(framer.Room(PieceBytes), cancellation);
                    framer.Filled(count);
                    while (framer.TryTake(isEnd: count == 0, out var record))
                    {
                        var lane = _edge.Kind == PipeKind.Hash
                            ? (int)(RecordHash.Of(record.Span, _edge.KeyField) % (ulong)_lanes.Length)
                            : next++ % _lanes.Length;
                        batches[lane].Add(record.Span);
                    }

                    await SendAsync(batches, cancellation);
                    if (count == 0)
                    {
                        return;
                    }
                }
            }
            catch (OperationCanceledException) when (_unwanted.IsCancellationRequested)
            {
                // Nobody wants the rest.
            }
        }
    }

    private async ValueTask SendAsync(RecordBatch[] batches, CancellationToken cancellation)
    {
        for (var lane = 0; lane < batches.Length; lane++)
        {
            var (records, bytes) = batches[lane].Take();
            if (records > 0 && !Volatile.Read(ref _isClosed[lane]))
            {
                await _lanes[lane].Writer.WriteAsync(bytes, cancellation);
                _counters.Add(lane, records, bytes.Length);
            }
        }
    }

    private async Task WriteAsync(Stream target, int lane, CancellationToken cancellation)
    {
        await using (target)
        {
            await foreach (var bytes in _lanes[lane].Reader.ReadAllAsync(cancellation))
            {
                try
                {
                    if (!_isClosed[lane])
                    {
                        await target.WriteAsync(bytes, cancellation);
                    }
                }
                catch (Exception gone) when (gone is FileException or IOException)
                {
                    Volatile.Write(ref _isClosed[lane], true);
                    if (Interlocked.Decrement(ref _open) == 0)
                    {
                        await _unwanted.CancelAsync();
                    }
                }
            }
        }
    }
}
