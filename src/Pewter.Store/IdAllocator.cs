using System.Buffers.Text;

namespace Pewter.Store;

/// <summary>
/// Gives numbers that no one got before. A range is reserved by a commit and then handed out from memory; a crash skips the rest of
/// the range, a clean close gives it back.
/// </summary>
internal sealed class IdAllocator(
    Func<CommitBatch, CancellationToken, ValueTask<CommitResult>> commit,
    Func<EntityKey, CancellationToken, ValueTask<StoredEntity?>> read) : IDisposable
{
    private const string Kind = "$id";
    private const int RangeLength = 64;

    private readonly SemaphoreSlim _gate = new(1);
    private readonly Dictionary<string, IdRange> _ranges = [];

    private sealed class IdRange
    {
        public long Next = 1;
        public long End = 1;
        public long Version;
    }

    public async ValueTask<long> NextAsync(string kind, CancellationToken cancellation)
    {
        await _gate.WaitAsync(cancellation);
        try
        {
            if (!_ranges.TryGetValue(kind, out var range))
                _ranges[kind] = range = await LoadAsync(kind, cancellation);
            if (range.Next == range.End)
                await ReserveAsync(kind, range, range.Next + RangeLength, cancellation);
            return range.Next++;
        }
        finally
        {
            _gate.Release();
        }
    }

    /// <summary>After another may have led in between: what is in memory counts no more.</summary>
    public async ValueTask ForgetAsync(CancellationToken cancellation)
    {
        await _gate.WaitAsync(cancellation);
        _ranges.Clear();
        _gate.Release();
    }

    /// <summary>Gives the unused ends of all ranges back; a failure only leaves gaps.</summary>
    public async ValueTask GiveBackAsync()
    {
        await _gate.WaitAsync(CancellationToken.None);
        try
        {
            foreach (var (kind, range) in _ranges)
                if (range.Next != range.End)
                    await ReserveAsync(kind, range, range.Next, CancellationToken.None);
        }
        catch (StoreException)
        {
            _ranges.Clear();
        }
        finally
        {
            _gate.Release();
        }
    }

    public void Dispose() => _gate.Dispose();

    private async ValueTask<IdRange> LoadAsync(string kind, CancellationToken cancellation)
    {
        if (await read(new EntityKey(Kind, kind), cancellation) is not { } stored)
            return new IdRange();
        if (!Utf8Parser.TryParse(stored.Body.Span, out long next, out _))
            throw new StoreException(StoreErrno.EIO, $"The stored counter {stored.Key} is not a number; the state is damaged.");
        return new IdRange { Next = next, End = next, Version = stored.Version };
    }

    private async ValueTask ReserveAsync(string kind, IdRange range, long end, CancellationToken cancellation)
    {
        var body = new byte[20];
        Utf8Formatter.TryFormat(end, body, out var length);
        var batch = new CommitBatch().Add(new EntityKey(Kind, kind), OperationKind.Put, range.Version, body.AsMemory(0, length));
        var result = (await commit(batch, cancellation)).OrThrow();
        (range.Version, range.End) = (result.Revision, end);
    }
}
