using Pewter.NineP;

namespace Pewter.Tree;

/// <summary>Does the same with many at once, and lets none of them hold up the rest.</summary>
internal static class FanOut
{
    /// <summary>Actions under way at once: they mostly wait, for devices and for peers, and dead ones must not fill the slots.</summary>
    private const int MostAtOnce = 4096;

    /// <summary>
    /// Runs an action for each item. One that fails or is not done within the deadline has a failure (ETIMEDOUT); it is told by its
    /// token to stop.
    /// The outcomes stand in the order of the items.
    /// </summary>
    public static ValueTask<IReadOnlyList<Outcome<TValue>>> RunAsync<TItem, TValue>(
        IReadOnlyList<TItem> items, Func<TItem, CancellationToken, ValueTask<TValue>> act, TimeSpan deadline, TimeProvider time,
        CancellationToken cancellation) => RunAsync(items, act, _ => deadline, time, cancellation);

    /// <summary>The same, with a deadline for each item.</summary>
    public static async ValueTask<IReadOnlyList<Outcome<TValue>>> RunAsync<TItem, TValue>(
        IReadOnlyList<TItem> items, Func<TItem, CancellationToken, ValueTask<TValue>> act, Func<TItem, TimeSpan> deadline, TimeProvider time,
        CancellationToken cancellation)
    {
        var outcomes = new Outcome<TValue>[items.Count];
        using var slots = new SemaphoreSlim(MostAtOnce);
        await Task.WhenAll(Enumerable.Range(0, items.Count).Select(async i =>
        {
            await slots.WaitAsync(cancellation);
            try
            {
                outcomes[i] = await OneAsync(items[i], act, deadline(items[i]), time, cancellation);
            }
            finally
            {
                slots.Release();
            }
        }));
        return outcomes;
    }

    /// <summary>Runs one action within a deadline.</summary>
    public static async ValueTask<Outcome<TValue>> OneAsync<TItem, TValue>(
        TItem item, Func<TItem, CancellationToken, ValueTask<TValue>> act, TimeSpan deadline, TimeProvider time, CancellationToken cancellation)
    {
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        try
        {
            var running = act(item, stop.Token);
            return new(running.IsCompleted ? await running : await running.AsTask().WaitAsync(deadline, time, cancellation), null);
        }
        catch (FileException failure)
        {
            return new(default!, failure);
        }
        catch (Exception late) when (late is TimeoutException or OperationCanceledException && !cancellation.IsCancellationRequested)
        {
            await stop.CancelAsync();
            return new(default!, new(Errno.ETIMEDOUT, $"No answer within {deadline.TotalSeconds:0.###} s.", late));
        }
    }

    /// <summary>What came of one item.</summary>
    /// <param name="Value">The value, when there is no failure.</param>
    /// <param name="Failure">Why there is no value.</param>
    internal readonly record struct Outcome<TValue>(TValue Value, FileException? Failure);
}
