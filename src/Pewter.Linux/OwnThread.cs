namespace Pewter.Linux;

/// <summary>
/// Runs code on a thread that nobody else uses before or after, for what the kernel ties to a thread: namespaces entered, traces begun,
/// signals on a parent's death.
/// </summary>
public static class OwnThread
{
    /// <summary>Runs and waits; a failure comes back as itself.</summary>
    public static T Run<T>(Func<T> action) => Task.Factory
        .StartNew(action, CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default)
        .GetAwaiter()
        .GetResult();
}
