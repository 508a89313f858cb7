using Pewter.Linux.Memory;

namespace Pewter.Mail;

// Threads that wait. Rings have no thread of their own: whoever receives looks into them, and whoever sleeps for a
// message sleeps on their bells as well.
public sealed partial class PostOffice
{
    private static readonly TimeSpan SpinLeast = TimeSpan.FromMicroseconds(1);

    private volatile RingLink[] _rings = [];
    private readonly Lock _followersLock = new();
    private readonly List<ThreadWaiter> _followers = [];
    private SpinGate _polling;
    private ThreadWaiter? _leader;
    private long _activity;
    private double _spinWorth = 1;

    /// <summary>
    /// Looks into the rings; returns whether there was anything. Returns at once when another thread is looking.
    /// </summary>
    internal bool Poll()
    {
        var rings = _rings;
        if (rings.Length == 0 || !_polling.TryEnter())
        {
            return false;
        }

        var any = false;
        foreach (var ring in rings)
        {
            any |= ring.Poll();
        }

        _polling.Exit();
        return any;
    }

    /// <summary>
    /// Looks for a message for a while before sleeping. How long is learnt: where looking does not help, it becomes a
    /// glance.
    /// </summary>
    internal bool Spin(Mailbox box, out MailMessage message)
    {
        var most = Options.Spin * _spinWorth;
        if (most >= SpinLeast)
        {
            var start = Time.GetTimestamp();
            do
            {
                // First at once, for an answer that is about to come; then less often, so that a sender at work is let
                // be and several are found together.
                for (var i = 0; i < 16; i++)
                {
                    if (box.TryReceive(out message))
                    {
                        _spinWorth = Math.Min(1, _spinWorth + 0.1);
                        return true;
                    }

                    Thread.SpinWait(i);
                }
            }
            while (Time.GetElapsedTime(start) < most);
            _spinWorth = Math.Max(0.05, _spinWorth * 0.9);
        }
        else
        {
            // Now and then it is tried again.
            _spinWorth = Math.Min(1, _spinWorth + 0.001);
        }

        message = default;
        return false;
    }

    /// <summary>
    /// Sleeps until the waiter is told to look again, a ring has something, or the time is over. One thread at a time
    /// sleeps on the rings, the leader; when it
    /// goes, another takes its place.
    /// </summary>
    internal void Sleep(ThreadWaiter waiter, TimeSpan timeout)
    {
        Volatile.Write(ref _activity, _activity + 1);
        if (_rings.Length == 0)
        {
            waiter.Wait(timeout);
            return;
        }

        if (Interlocked.CompareExchange(ref _leader, waiter, null) is null)
        {
            SleepOnRings(waiter, timeout);
            Volatile.Write(ref _leader, null);
            NextLeader();
            return;
        }

        lock (_followersLock)
        {
            _followers.Add(waiter);
        }

        // The leader may have gone in between, and have found nobody.
        if (Volatile.Read(ref _leader) is not null)
        {
            waiter.Wait(timeout);
        }

        lock (_followersLock)
        {
            _followers.Remove(waiter);
        }
    }

    /// <summary>Asks the peer behind a window to ring when it has taken something.</summary>
    internal void WantWindow(RoomWaiters room)
    {
        foreach (var ring in _rings)
        {
            ring.WantWindowFor(room);
        }

        Interlocked.MemoryBarrier();
    }

    private void SleepOnRings(ThreadWaiter waiter, TimeSpan timeout)
    {
        var rings = _rings;
        Span<FutexWord> words = stackalloc FutexWord[rings.Length + 1];
        words[0] = new FutexWord(waiter.Word, 0);
        for (var i = 0; i < rings.Length; i++)
        {
            words[i + 1] = rings[i].Arm(RingBell.Thread);
        }

        // What was written before the bells were armed rings no bell: it is looked for now.
        if (!waiter.IsSignalled && !HasArrivals(rings))
        {
            Futex.WaitMany(words, timeout);
        }

        foreach (var ring in rings)
        {
            ring.Disarm(RingBell.Thread);
        }

        GC.KeepAlive(rings);
    }

    private static bool HasArrivals(RingLink[] rings)
    {
        foreach (var ring in rings)
        {
            if (ring.HasArrivals)
            {
                return true;
            }
        }

        return false;
    }

    private void NextLeader()
    {
        ThreadWaiter? next;
        lock (_followersLock)
        {
            next = _followers.Count == 0 ? null : _followers[0];
        }

        next?.Signal();
    }
}
