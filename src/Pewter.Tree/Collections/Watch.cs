using System.Buffers;

namespace Pewter.Tree;

/// <summary>
/// Those who wait for the states of one object. They are told of each state in turn, so that one that is passed quickly is not missed, and
/// the line of the terminal state is made once.
/// </summary>
internal sealed class Watch<T>(TreeObject<T> target)
    where T : class
{
    private readonly Lock _lock = new();
    private readonly List<Waiter> _waiters = [];
    private ReadOnlyMemory<byte>? _last;

    /// <summary>Waits for a state (null: a terminal one); <paramref name="reached"/> is called once, at once when it is so already.</summary>
    public Waiter Add(string? state, Action<ReadOnlyMemory<byte>> reached)
    {
        var waiter = new Waiter(state, reached);
        lock (_lock)
        {
            if (!Tell(waiter))
            {
                _waiters.Add(waiter);
            }
        }

        return waiter;
    }

    /// <summary>Waits no longer.</summary>
    public void Remove(Waiter waiter)
    {
        lock (_lock)
        {
            _waiters.Remove(waiter);
        }
    }

    /// <summary>Looks at the object again, after its state has changed or it was removed.</summary>
    public void Observe()
    {
        lock (_lock)
        {
            _waiters.RemoveAll(Tell);
        }
    }

    private bool Tell(Waiter waiter)
    {
        var states = target.Collection.Kind.States!;
        var state = states.Current(target.Item);
        var isLast = target.IsRemoved || states.IsTerminal(state);
        if (isLast)
        {
            waiter.Reached(_last ??= Line(states, states.IsTerminal(state) ? state : "removed"));
        }
        else if (state == waiter.State)
        {
            waiter.Reached(Line(states, state));
        }

        return isLast || state == waiter.State;
    }

    private ReadOnlyMemory<byte> Line(StateModel<T> states, string state)
    {
        var buffer = new ArrayBufferWriter<byte>();
        var line = new Logfmt(buffer).Path(target.Path).Pair("state", state);
        if (states.IsTerminal(state))
        {
            states.WriteOutcome(line, target.Item);
        }

        line.End();
        return buffer.WrittenMemory;
    }

    /// <summary>One who waits.</summary>
    internal sealed record Waiter(string? State, Action<ReadOnlyMemory<byte>> Reached);
}
