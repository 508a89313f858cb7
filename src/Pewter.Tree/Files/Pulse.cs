namespace Pewter.Tree;

/// <summary>
/// Wakes whoever waits for the next change. A waiter takes <see cref="Next"/> first, then looks at the state, then awaits, so that no change
/// is missed. Costs nothing while nobody waits.
/// </summary>
internal sealed class Pulse
{
    private TaskCompletionSource? _source;

    /// <summary>Ends with the next <see cref="Fire"/>.</summary>
    public Task Next
    {
        get
        {
            var source = Volatile.Read(ref _source);
            if (source is null)
            {
                var created = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
                source = Interlocked.CompareExchange(ref _source, created, null) ?? created;
            }

            return source.Task;
        }
    }

    /// <summary>Wakes all who wait.</summary>
    public void Fire() => Interlocked.Exchange(ref _source, null)?.TrySetResult();
}
