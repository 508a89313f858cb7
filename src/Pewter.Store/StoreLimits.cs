namespace Pewter.Store;

/// <summary>The store's limits; each default says why.</summary>
public sealed record StoreLimits
{
    /// <summary>Bytes of one body. 1 MiB: state is small, and one large value would delay everyone in its group.</summary>
    public int BodyBytes { get; init; } = 1 << 20;

    /// <summary>
    /// Operations of one batch. 10,000: an action on everything of a collection fits, a loop that forgot to commit does not.
    /// </summary>
    public int BatchOperations { get; init; } = 10_000;

    /// <summary>
    /// Batches committed by one fdatasync. 4,096: keeps the transaction below about 20 ms, so that waiting stays short.
    /// </summary>
    public int GroupBatches { get; init; } = 4_096;

    /// <summary>Body bytes committed by one fdatasync. 8 MiB, for the same reason.</summary>
    public int GroupBytes { get; init; } = 8 << 20;

    /// <summary>Batches that may wait for the writer; more make <c>CommitAsync</c> wait before it queues. 16,384.</summary>
    public int QueueLength { get; init; } = 16_384;

    /// <summary>
    /// Events kept; older ones are dropped, a tenth of this at a time. 1,000,000: a day of a busy machine, about 300 MB. Clients that
    /// resume from before are told.
    /// </summary>
    public long EventsKept { get; init; } = 1_000_000;
}
