namespace Pewter.Mail;

/// <summary>
/// Senders that wait for room. Who makes room and who waits for it see each other by a fence on both sides: the sender
/// adds itself, then tries again; who makes room
/// does so, then looks whether somebody is here.
/// </summary>
internal sealed class RoomWaiters
{
    private readonly Lock _lock = new();
    private readonly List<object> _waiters = [];
    private int _count;

    internal bool Any => Volatile.Read(ref _count) != 0;

    /// <summary>Adds a <see cref="ThreadWaiter"/> or a <see cref="TaskCompletionSource"/>; a full fence.</summary>
    internal void Add(object waiter)
    {
        lock (_lock)
        {
            _waiters.Add(waiter);
            Interlocked.Increment(ref _count);
        }
    }

    internal void Remove(object waiter)
    {
        lock (_lock)
        {
            if (_waiters.Remove(waiter))
            {
                Interlocked.Decrement(ref _count);
            }
        }
    }

    /// <summary>Lets all try again. The caller has made room and put a fence behind it.</summary>
    internal void Release()
    {
        if (!Any)
        {
            return;
        }

        object[] waiters;
        lock (_lock)
        {
            waiters = [.. _waiters];
            _waiters.Clear();
            Volatile.Write(ref _count, 0);
        }

        foreach (var waiter in waiters)
        {
            if (waiter is ThreadWaiter thread)
            {
                thread.Signal();
            }
            else
            {
                ((TaskCompletionSource)waiter).TrySetResult();
            }
        }
    }
}
