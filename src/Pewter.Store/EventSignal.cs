namespace Pewter.Store;

/// <summary>
/// Wakes everyone who waits for new events. Wait on <see cref="Next"/> taken before looking, so that no event slips between.
/// </summary>
internal sealed class EventSignal
{
    private TaskCompletionSource<bool> _next = Create();

    /// <summary>Completes at the next event: true, or false when there will be none.</summary>
    public Task<bool> Next => Volatile.Read(ref _next).Task;

    public void Raise() => Interlocked.Exchange(ref _next, Create()).TrySetResult(true);

    public void End() => Volatile.Read(ref _next).TrySetResult(false);

    private static TaskCompletionSource<bool> Create() => new(TaskCreationOptions.RunContinuationsAsynchronously);
}
