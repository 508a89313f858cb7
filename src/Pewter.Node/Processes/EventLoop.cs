using System.Collections.Concurrent;
using Pewter.Linux.Polling;

namespace Pewter.Node.Processes;

/// <summary>
/// One thread that waits for the pipes and pidfds of every process of the agent. Handlers run on it one at a time, so what belongs to one
/// process needs no lock among its handlers. Anything else is brought onto it by <see cref="Post"/>.
/// </summary>
internal sealed class EventLoop : IDisposable
{
    private const ulong WakeTag = 0;
    private const int BatchSize = 256;

    private readonly Epoll _epoll = new();
    private readonly EventCounter _wake = new();
    private readonly ConcurrentQueue<Action> _posted = new();
    private readonly ConcurrentDictionary<ulong, ILoopHandler> _handlers = new();
    private readonly PriorityQueue<Action, long> _timers = new();
    private readonly TimeProvider _time;
    private readonly Thread _thread;
    private ulong _lastTag;
    private volatile bool _stopping;

    internal EventLoop(TimeProvider time)
    {
        _time = time;
        _epoll.Add(_wake.Descriptor, EpollEvents.Input, WakeTag);
        _thread = new Thread(Run) { IsBackground = true, Name = "processes" };
        _thread.Start();
    }

    /// <summary>One buffer for all reads of the loop's thread.</summary>
    internal byte[] Buffer { get; } = new byte[64 * 1024];

    /// <summary>Starts waiting for a descriptor. The tag names the wait, and is there before the handler can be called.</summary>
    internal void Add(int descriptor, EpollEvents events, ILoopHandler handler, out ulong tag)
    {
        tag = Interlocked.Increment(ref _lastTag);
        _handlers[tag] = handler;
        _epoll.Add(descriptor, events, tag);
    }

    /// <summary>Stops the wait for a while, hang-ups included, without forgetting the handler.</summary>
    internal void Pause(int descriptor) => _epoll.Remove(descriptor);

    /// <summary>Waits again after <see cref="Pause"/>.</summary>
    internal void Resume(int descriptor, EpollEvents events, ulong tag) => _epoll.Add(descriptor, events, tag);

    /// <summary>Waits for something else from now on.</summary>
    internal void Change(int descriptor, EpollEvents events, ulong tag) => _epoll.Modify(descriptor, events, tag);

    /// <summary>Ends the wait. Call before the descriptor is closed.</summary>
    internal void Remove(int descriptor, ulong tag)
    {
        _epoll.Remove(descriptor);
        _handlers.TryRemove(tag, out _);
    }

    /// <summary>Runs an action on the loop's thread.</summary>
    internal void Post(Action action)
    {
        _posted.Enqueue(action);
        _wake.Signal();
    }

    /// <summary>Runs an action on the loop's thread after a while. Call on the loop's thread.</summary>
    internal void After(TimeSpan delay, Action action) =>
        _timers.Enqueue(action, _time.GetTimestamp() + (long)(delay.TotalSeconds * _time.TimestampFrequency));

    public void Dispose()
    {
        _stopping = true;
        _wake.Signal();
        _thread.Join();
        _epoll.Dispose();
        _wake.Dispose();
    }

    private void Run()
    {
        var events = new EpollEvent[BatchSize];
        while (!_stopping)
        {
            var count = _epoll.Wait(events, UntilTimer());
            foreach (var ready in events.AsSpan(0, count))
            {
                if (ready.Tag == WakeTag)
                {
                    _wake.Clear();
                }
                else if (_handlers.TryGetValue(ready.Tag, out var handler))
                {
                    handler.OnReady(ready.Events);
                }
            }

            while (_posted.TryDequeue(out var action))
            {
                action();
            }

            RunTimers();
        }
    }

    private TimeSpan UntilTimer() => !_posted.IsEmpty ? TimeSpan.Zero
        : !_timers.TryPeek(out _, out var due) ? Timeout.InfiniteTimeSpan
        : TimeSpan.FromSeconds(Math.Max(0, due - _time.GetTimestamp()) / (double)_time.TimestampFrequency);

    private void RunTimers()
    {
        while (_timers.TryPeek(out var action, out var due) && due <= _time.GetTimestamp())
        {
            _timers.Dequeue();
            action();
        }
    }
}
