using System.Net.Sockets;
using Pewter.Linux.Memory;

namespace Pewter.Mail;

// Rings to other processes: taken into use, watched for the death of the peer, and the thread that looks into them for
// receivers that have none.
public sealed partial class PostOffice
{
    // While threads wait for their messages themselves the office's own thread looks after the others this often.
    private static readonly TimeSpan PumpPause = TimeSpan.FromMilliseconds(2);

    private readonly Lock _ringsLock = new();
    private readonly CancellationTokenSource _stop = new();
    private Thread? _pump;

    /// <summary>Takes a segment into use as the way to another process.</summary>
    /// <param name="peer">The process.</param>
    /// <param name="map">The segment.</param>
    /// <param name="side">Which side of it this is.</param>
    /// <param name="life">A socket whose other end the peer has: it ends with the peer. Null: somebody else
    /// tells.</param>
    internal RingLink AddRing(PortAddress peer, MemoryMap map, int side, Socket? life)
    {
        var route = RouteTo(peer);
        var ring = new RingLink(this, route, map, side, failed => RingLost(failed, RejectReason.NodeLost));
        lock (_ringsLock)
        {
            _rings = [.. _rings, ring];
            if (_pump is null && !_stop.IsCancellationRequested)
            {
                _pump = new Thread(Pump) { IsBackground = true, Name = "pewter-mail" };
                _pump.Start();
            }
        }

        route.Use(ring);
        if (life is not null)
        {
            _ = WatchAsync(ring, life);
        }

        return ring;
    }

    /// <summary>The peer of a ring is dead: what it wrote before is read, by nobody else, then the way is lost.</summary>
    internal void RingEnded(RingLink ring, RejectReason reason)
    {
        _polling.Enter();
        try
        {
            while (ring.Poll())
            {
            }

            // Who looks into it after this finds nothing: no message comes after the news of its sender's death.
            ring.Close();
        }
        finally
        {
            _polling.Exit();
        }

        RingLost(ring, reason);
    }

    /// <summary>The way to a peer is lost. A ring that is broken is read no further.</summary>
    internal void RingLost(RingLink ring, RejectReason reason)
    {
        lock (_ringsLock)
        {
            if (!_rings.Contains(ring))
            {
                return;
            }

            _rings = [.. _rings.Where(other => other != ring)];
        }

        ring.Close();
        var gone = new PortAddress(ring.Route.Node, ring.Route.Office, 0);
        Names.RemoveWhere(binding => binding.Port.IsSameOffice(gone));
        Lose(ring.Route, reason);
    }

    /// <summary>A link has room again: what waits for it is written.</summary>
    internal void FlushRoutes(MailLink link)
    {
        foreach (var route in _routes.Values)
        {
            if (route.Link == link)
            {
                route.Flush();
            }
        }
    }

    /// <summary>A link is gone; what went by it waits for another.</summary>
    internal void DropLink(MailLink link)
    {
        foreach (var route in _routes.Values)
        {
            route.Drop(link);
        }
    }

    private async Task WatchAsync(RingLink ring, Socket life)
    {
        using (life)
        {
            try
            {
                while (await life.ReceiveAsync(new byte[16], _stop.Token) > 0)
                {
                }
            }
            catch (Exception ended) when (ended is SocketException or OperationCanceledException or ObjectDisposedException)
            {
            }
        }

        if (!_stop.IsCancellationRequested)
        {
            RingEnded(ring, RejectReason.NoPort);
        }
    }

    private async ValueTask StopLinksAsync()
    {
        await _stop.CancelAsync();
        Thread? pump;
        lock (_ringsLock)
        {
            pump = _pump;
            _pump = null;
        }

        if (pump is not null && pump != Thread.CurrentThread)
        {
            await Task.Run(pump.Join);
        }

        foreach (var ring in _rings)
        {
            ring.Close();
        }
    }

    private void Pump()
    {
        var seen = -1L;
        while (!_stop.IsCancellationRequested)
        {
            while (Poll())
            {
            }

            var rings = _rings;
            var activity = Volatile.Read(ref _activity);
            if (activity != seen || rings.Length == 0)
            {
                seen = activity;
                _stop.Token.WaitHandle.WaitOne(PumpPause);
                continue;
            }

            SleepAsPump(rings);
        }
    }

    private static void SleepAsPump(RingLink[] rings)
    {
        Span<FutexWord> words = stackalloc FutexWord[rings.Length];
        for (var i = 0; i < rings.Length; i++)
        {
            words[i] = rings[i].Arm(RingBell.Pump);
        }

        if (!HasArrivals(rings))
        {
            // A bell that a hostile peer has put out keeps back nobody else for long.
            Futex.WaitMany(words, PumpSleepMax);
        }

        foreach (var ring in rings)
        {
            ring.Disarm(RingBell.Pump);
        }

        GC.KeepAlive(rings);
    }

    private static readonly TimeSpan PumpSleepMax = TimeSpan.FromMilliseconds(100);
}
