namespace Pewter.Hosting;

/// <summary>Runs pieces of work one after another, in the order in which they came. Safe to use from any thread; costs nothing while idle.</summary>
public sealed class WorkQueue
{
    private readonly Lock _lock = new();
    private Task _last = Task.CompletedTask;

    /// <summary>Runs the work after all that came before, whether that succeeded or not.</summary>
    public Task RunAsync(Func<Task> work)
    {
        lock (_lock)
        {
            var task = AfterAsync(_last, work);
            _last = task;
            return task;
        }
    }

    private static async Task AfterAsync(Task earlier, Func<Task> work)
    {
        // Not on the caller's stack: it holds the lock.
        await Task.Yield();
        await earlier.ContinueWith(static _ => { }, TaskScheduler.Default);
        await work();
    }
}
