using System.Runtime.CompilerServices;

namespace Pewter.Store;

/// <summary>
/// The journalled state of a daemon: entities with versions and a sequence of events, changed by batches that are durable when they are
/// acknowledged. Every member may be called at once from anywhere.
/// </summary>
/// <remarks>
/// Open it, <see cref="LeadAsync">lead</see>, <see cref="UpgradeAsync">upgrade</see>, replay with <see cref="ReadAllAsync"/>, then
/// commit. What
/// <see cref="CommitAsync"/> acknowledged is there after <c>kill -9</c> and after a power cut; what it refused is not. A read after an
/// acknowledgement sees it.
/// </remarks>
public sealed partial class StateStore : IAsyncDisposable
{
    private static readonly TimeSpan LeadRetry = TimeSpan.FromMilliseconds(200);
    private static readonly TimeSpan LeadCheck = TimeSpan.FromSeconds(1);

    private readonly StoreBackend _backend;
    private readonly StoreLimits _limits;
    private readonly TimeProvider _time;
    private readonly StoreWriter _writer;
    private readonly IdAllocator _ids;
    private readonly ITimer _leadCheck;
    private long _term;
    private int _disposed;

    internal StateStore(StoreBackend backend, StoreLimits limits, TimeProvider time)
    {
        (_backend, _limits, _time) = (backend, limits, time);
        _writer = new StoreWriter(backend, limits, time);
        _ids = new IdAllocator(CommitCheckedAsync, backend.ReadAsync);
        var leadCheck = backend.SharesLead ? LeadCheck : Timeout.InfiniteTimeSpan;
        _leadCheck = time.CreateTimer(_ => _writer.TryQueueLeadCheck(), null, leadCheck, leadCheck);
    }

    /// <summary>
    /// Waits until this daemon may commit. On SQLite that is at once; on PostgreSQL when no other daemon leads. Whatever was read before
    /// must be read again, because another may have led meanwhile.
    /// </summary>
    public async ValueTask<Leadership> LeadAsync(CancellationToken cancellation)
    {
        while (true)
        {
            if (await TryLeadAsync(cancellation) is { } leadership)
            {
                if (Interlocked.Exchange(ref _term, leadership.Term) != leadership.Term)
                    await _ids.ForgetAsync(cancellation);
                return leadership;
            }
            await Task.Delay(LeadRetry, _time, cancellation);
        }
    }

    /// <summary>
    /// Commits the batch whole and durably, or not at all. Many at once share one fdatasync. Cancellation takes hold while the batch
    /// waits for its turn, and then nothing is written; later the true answer comes.
    /// </summary>
    /// <returns>Durable, or refused because of a conflict.</returns>
    /// <exception cref="StoreException">ENOSPC: the disk is full, nothing was written, try again when there is room. EROFS, ESTALE: this
    /// daemon does not lead. EIO: the disk is broken.</exception>
    public async ValueTask<CommitResult> CommitAsync(CommitBatch batch, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(batch);
        if (batch.Count > _limits.BatchOperations)
            throw Failures.TooLarge($"A commit may have {_limits.BatchOperations} operations; this one has {batch.Count}.");
        if (batch.LargestBody > _limits.BodyBytes)
            throw Failures.TooLarge($"A stored value may have {_limits.BodyBytes} bytes; this one has {batch.LargestBody}.");
        return await CommitCheckedAsync(batch, cancellation);
    }

    /// <summary>Reads one entity; null when there is none.</summary>
    public ValueTask<StoredEntity?> ReadAsync(string kind, string id, CancellationToken cancellation) =>
        _backend.ReadAsync(new EntityKey(kind, id), cancellation);

    /// <summary>
    /// Reads all entities of a kind as of one moment, in the order of their ids' bytes. Consume it promptly: the moment is held until
    /// the end.
    /// </summary>
    public IAsyncEnumerable<StoredEntity> ReadAllAsync(string kind, CancellationToken cancellation) =>
        _backend.ReadAllAsync(kind, cancellation);

    /// <summary>Gives a number that was never given for <paramref name="kind"/> before, from 1 on; a crash may leave a gap.</summary>
    public ValueTask<long> NextIdAsync(string kind, CancellationToken cancellation)
    {
        EntityKey.CheckUserKind(kind, nameof(kind));
        return _ids.NextAsync(kind, cancellation);
    }

    /// <summary>
    /// Reads the events after <paramref name="since"/> (0: from the first that is kept) that are there now, of one topic or of all.
    /// </summary>
    /// <exception cref="StoreException">ENODATA: some of them are not kept any more; the message says from where to resume.</exception>
    public IAsyncEnumerable<StoredEvent> ReadEventsAsync(long since, string? topic, CancellationToken cancellation) =>
        EventsAsync(since, topic, follow: false, cancellation);

    /// <summary>
    /// Like <see cref="ReadEventsAsync"/>, then waits for the coming ones as they are committed here, until the store closes.
    /// </summary>
    public IAsyncEnumerable<StoredEvent> FollowEventsAsync(long since, string? topic, CancellationToken cancellation) =>
        EventsAsync(since, topic, follow: true, cancellation);

    /// <summary>
    /// Drops the events before <paramref name="sequence"/>; returns the first that is kept. Their numbers are not used again.
    /// </summary>
    public ValueTask<long> DropEventsAsync(long sequence, CancellationToken cancellation) =>
        _writer.ControlAsync(() => _writer.DropEvents(sequence), cancellation);

    /// <summary>Answers what is queued, gives the lead back and closes.</summary>
    public async ValueTask DisposeAsync()
    {
        if (Interlocked.Exchange(ref _disposed, 1) != 0)
            return;
        await _leadCheck.DisposeAsync();
        await _ids.GiveBackAsync();
        await _writer.StopAsync();
        _backend.Dispose();
        _ids.Dispose();
        _writer.Dispose();
    }

    internal async ValueTask<CommitResult> CommitCheckedAsync(CommitBatch batch, CancellationToken cancellation)
    {
        var request = new CommitRequest(batch, cancellation);
        await _writer.QueueAsync(request, cancellation);
        return await request.Task;
    }

    private async ValueTask<Leadership?> TryLeadAsync(CancellationToken cancellation)
    {
        try
        {
            return await _writer.ControlAsync(_writer.TryLead, cancellation);
        }
        catch (StoreException failure) when (failure.Errno is StoreErrno.ECONNRESET or StoreErrno.EAGAIN)
        {
            return null;
        }
    }

    private async IAsyncEnumerable<StoredEvent> EventsAsync(
        long since, string? topic, bool follow, [EnumeratorCancellation] CancellationToken cancellation)
    {
        const int PageLength = 512;
        while (true)
        {
            var next = _writer.Appended.Next;
            var page = await _backend.ReadEventsAsync(since, topic, PageLength, cancellation);
            if (since > 0 && since + 1 < page.Floor)
                throw Failures.Compacted(since, page.Floor);
            foreach (var stored in page.Events)
                yield return stored;
            since = Math.Max(since, page.Last);
            if (page.Full)
                continue;
            if (!follow || !await next.WaitAsync(cancellation))
                yield break;
        }
    }
}
