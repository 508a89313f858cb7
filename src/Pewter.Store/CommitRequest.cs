namespace Pewter.Store;

/// <summary>
/// A batch on its way. Cancellation is exact: it takes hold only while the batch waits in the queue, and then nothing of it is ever
/// written; once the writer has <see cref="TryTake">taken</see> it the caller gets the real answer.
/// </summary>
internal sealed class CommitRequest : StoreRequest
{
    private const int Queued = 0, Taken = 1, Cancelled = 2;

    private readonly TaskCompletionSource<CommitResult> _done = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly CancellationTokenRegistration _registration;
    private int _state;

    public CommitRequest(CommitBatch batch, CancellationToken cancellation)
    {
        Batch = batch;
        if (cancellation.CanBeCanceled)
            _registration = cancellation.UnsafeRegister(static (self, token) => ((CommitRequest)self!).Cancel(token), this);
    }

    public CommitBatch Batch { get; }

    public Task<CommitResult> Task => _done.Task;

    public bool TryTake()
    {
        if (Interlocked.CompareExchange(ref _state, Taken, Queued) != Queued)
            return false;
        _registration.Unregister();
        return true;
    }

    public void Complete(CommitResult result) => _done.TrySetResult(result);

    public override void Fail(StoreException failure) => _done.TrySetException(failure);

    private void Cancel(CancellationToken token)
    {
        if (Interlocked.CompareExchange(ref _state, Cancelled, Queued) == Queued)
            _done.TrySetCanceled(token);
    }
}
