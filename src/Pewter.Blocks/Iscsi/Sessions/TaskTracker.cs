namespace Pewter.Blocks.Iscsi.Sessions;

/// <summary>
/// Supervises work that goes on beside a connection's read loop, so that nothing outlives the connection.
/// </summary>
internal sealed class TaskTracker
{
    private readonly Lock _lock = new();
    private readonly HashSet<Task> _running = [];

    /// <summary>Watches <paramref name="work"/>, which handles its own failures.</summary>
    public void Watch(Task work)
    {
        if (work.IsCompletedSuccessfully)
            return;
        lock (_lock)
            _running.Add(work);
        work.ContinueWith(Forget, CancellationToken.None, TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default);
    }

    public Task WhenIdleAsync()
    {
        lock (_lock)
            return Task.WhenAll(_running);
    }

    private void Forget(Task work)
    {
        lock (_lock)
            _running.Remove(work);
    }
}
