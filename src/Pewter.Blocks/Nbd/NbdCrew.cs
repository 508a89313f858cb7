using System.Collections.Concurrent;
using Pewter.Linux.Polling;

namespace Pewter.Blocks.Nbd;

/// <summary>
/// Threads that serve more connections than there are threads: each takes a connection that has something to say, serves what came, and looks
/// for the next without sleeping between, which costs less than waking a thread for each connection.
/// </summary>
/// <remarks>
/// A connection is told of once and armed again after it was served, so it has one thread at a time. Whatever holds threads up (a client that
/// does not read, a disk that is busy) is met by the watch, which adds a thread when none has come back for a while.
/// </remarks>
internal sealed class NbdCrew : IDisposable
{
    private const int ThreadStackBytes = 256 << 10;
    private static readonly TimeSpan WatchEvery = TimeSpan.FromMilliseconds(50);
    private static readonly TimeSpan Forever = TimeSpan.FromMilliseconds(-1);
    private static readonly int Enough = Environment.ProcessorCount;
    private readonly Epoll _ready = new();
    private readonly EventCounter _stop = new();
    private readonly object _lock = new();
    private readonly ConcurrentDictionary<ulong, NbdConnection> _connections = [];
    private readonly ITimer _watch;
    private ulong _nextTag = 1;
    private int _count;
    private int _threads;
    private int _waiting;
    private long _served;
    private long _servedBefore;

    /// <summary>Creates the crew; it has no threads before the first connection.</summary>
    public NbdCrew(TimeProvider time)
    {
        _ready.Add(_stop.Descriptor, EpollEvents.Input, 0);
        _watch = time.CreateTimer(_ => AddIfHeldUp(), null, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
    }

    /// <summary>Takes a connection over from its thread.</summary>
    public void Add(NbdConnection connection)
    {
        ulong tag;
        lock (_lock)
        {
            tag = _nextTag++;
            _connections[tag] = connection;
            if (++_count == 1)
                _watch.Change(WatchEvery, WatchEvery);
            if (_threads < Enough)
                AddThread();
        }

        _ready.Add(connection.Descriptor, EpollEvents.Input | EpollEvents.OneShot, tag);
    }

    /// <summary>Lets the threads go; every connection has ended by then.</summary>
    public void Dispose()
    {
        _watch.Dispose();
        _stop.Signal();
        lock (_lock)
        {
            while (_threads > 0)
                Monitor.Wait(_lock);
        }

        _stop.Dispose();
        _ready.Dispose();
    }

    private void AddThread()
    {
        _threads++;
        new Thread(Work, ThreadStackBytes) { IsBackground = true, Name = "nbd crew" }.Start();
    }

    private void AddIfHeldUp()
    {
        lock (_lock)
        {
            long served = Volatile.Read(ref _served);
            if (served == _servedBefore && _waiting == 0 && _threads > 0 && _threads < _count)
                AddThread();
            _servedBefore = served;
        }
    }

    private void Work()
    {
        Span<EpollEvent> events = stackalloc EpollEvent[1];
        do
        {
            Interlocked.Increment(ref _waiting);
            int count = _ready.Wait(events, Forever);
            Interlocked.Decrement(ref _waiting);
            if (count == 0)
                continue;
            if (events[0].Tag == 0)
            {
                Leave();
                return;
            }

            Serve(events[0].Tag);
            Interlocked.Increment(ref _served);
        }
        while (Volatile.Read(ref _threads) <= Enough || !TryLeave());
    }

    private void Leave()
    {
        lock (_lock)
        {
            _threads--;
            Monitor.PulseAll(_lock);
        }
    }

    private bool TryLeave()
    {
        lock (_lock)
        {
            bool isTooMany = _threads > Enough && Volatile.Read(ref _waiting) > 0;
            if (isTooMany)
                _threads--;
            return isTooMany;
        }
    }

    private void Serve(ulong tag)
    {
        NbdConnection connection = _connections[tag];
        if (connection.Step())
        {
            _ready.Modify(connection.Descriptor, EpollEvents.Input | EpollEvents.OneShot, tag);
            return;
        }

        _ready.Remove(connection.Descriptor);
        lock (_lock)
        {
            _connections.TryRemove(tag, out _);
            if (--_count == 0)
                _watch.Change(Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
        }

        connection.End();
    }
}
