using Pewter.NineP;

namespace Pewter.Tree;

/// <summary>
/// How long cloned objects live: while a fid is open on them, while they are busy, for good when persistent, and a grace beyond. Owns the
/// timers and the reaping tasks, which run one after another and end with the collection.
/// </summary>
internal sealed class Lifetimes<T>(Collection<T> collection, TimeProvider time) : IAsyncDisposable
    where T : class
{
    private readonly Lock _lock = new();
    private readonly CancellationTokenSource _stop = new();
    private Task _reaping = Task.CompletedTask;

    /// <summary>A fid was opened.</summary>
    public void Acquire(TreeObject<T> target)
    {
        lock (_lock)
        {
            target.Holders++;
            Disarm(target);
        }
    }

    /// <summary>A fid was closed.</summary>
    public void Release(TreeObject<T> target)
    {
        lock (_lock)
        {
            target.Holders--;
        }

        Consider(target);
    }

    /// <summary>Arms the grace of an object that nothing keeps any more. Called after everything that may have kept it.</summary>
    public void Consider(TreeObject<T> target)
    {
        lock (_lock)
        {
            if (IsNeeded(target))
            {
                Disarm(target);
            }
            else
            {
                target.Grace ??= time.CreateTimer(_ => Expire(target), null, collection.Kind.Grace, Timeout.InfiniteTimeSpan);
            }
        }
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        Task last;
        lock (_lock)
        {
            last = _reaping;
        }

        await last;
        _stop.Dispose();
    }

    private bool IsNeeded(TreeObject<T> target) =>
        target.Holders > 0 || target.IsPersistent || target.IsRemoved || _stop.IsCancellationRequested || collection.Kind.IsBusy(target.Item);

    private void Expire(TreeObject<T> target)
    {
        lock (_lock)
        {
            Disarm(target);
            if (!IsNeeded(target))
            {
                _reaping = ReapAsync(_reaping, target);
            }
        }
    }

    private async Task ReapAsync(Task earlier, TreeObject<T> target)
    {
        await earlier;
        try
        {
            if (collection.Kind.Reap is { } reap)
            {
                await reap(target.Item, _stop.Token);
            }

            collection.Remove(target);
        }
        catch (FileException failure)
        {
            // Told where it can be read, and tried again after another grace.
            collection.Append(target, "reap_failed", json => json.WriteString("error", failure.Message));
            Consider(target);
        }
        catch (OperationCanceledException) when (_stop.IsCancellationRequested)
        {
            // The collection is going away; the next life of the daemon decides again.
        }
    }

    private static void Disarm(TreeObject<T> target)
    {
        target.Grace?.Dispose();
        target.Grace = null;
    }
}
