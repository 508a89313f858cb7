using System.Buffers;

namespace Pewter.Mail;

/// <summary>
/// The queue of one mailbox: any number of threads add, one takes. Adding copies the message; taking gives a view that
/// is valid until the next take. Memory is
/// taken from a pool when there is something to hold, and nothing is held by an empty queue.
/// </summary>
/// <remarks>
/// <para>Everything between the adders stands under <c>_gate</c>: the chain of segments, the count of added bytes, the
/// flag that somebody waits. The taker takes the
/// whole chain at once and reads it without the gate. It counts what it has given back in <c>_credited</c>, which only
/// it writes.</para>
/// <para>No wake-up is lost: the taker sets <c>_armed</c> under the gate only when the chain is empty, and whoever adds
/// looks at it under the same gate.</para>
/// </remarks>
internal sealed class MessageQueue(int capacity)
{
    private SpinGate _gate;
    private bool _armed;
    private bool _closed;
    private QueueSegment? _head;
    private QueueSegment? _tail;
    private long _added;
    private long _count;

    private QueueSegment? _current;
    private byte[]? _array;
    private long _credited;
    private long _taken;

    internal enum Result
    {
        Added,
        AddedAndWake,
        Full,
        Closed,
    }

    /// <summary>Bytes in it, those that the taker holds included.</summary>
    internal long Bytes => Volatile.Read(ref _added) - Volatile.Read(ref _credited);

    /// <summary>Messages that were ever added.</summary>
    internal long Count => Volatile.Read(ref _count);

    /// <summary>Messages that were ever taken.</summary>
    internal long Taken => Volatile.Read(ref _taken);

    /// <summary>Whether nothing waits, as the taker sees it.</summary>
    internal bool IsDrained => (_current is null || _current.IsRead && _current.Next is null) && Volatile.Read(ref _head) is null;

    /// <summary>Whether the taker has just given back a segment or more, so that it is worth to wake senders.</summary>
    internal bool HasRoomAgain => Bytes < capacity / 2;

    internal bool IsClosed => Volatile.Read(ref _closed);

    /// <summary>Adds a message.</summary>
    /// <param name="header">The header, its length that of the body.</param>
    /// <param name="body">The body.</param>
    /// <param name="flow">The flow it came by; 0 within the process.</param>
    /// <param name="anyway">Without regard to the capacity: its sender is bounded otherwise.</param>
    internal Result TryAdd(in FrameHeader header, ReadOnlySpan<byte> body, int flow, bool anyway)
    {
        var weight = QueueSegment.Weight(body.Length);
        _gate.Enter();
        if (_closed)
        {
            _gate.Exit();
            return Result.Closed;
        }

        // One message always fits, whatever the capacity.
        var used = _added - Volatile.Read(ref _credited);
        if (!anyway && used != 0 && used + weight > (long)capacity << (int)header.Importance)
        {
            _gate.Exit();
            return Result.Full;
        }

        if (_tail is null || !_tail.HasRoom(body.Length))
        {
            AddSegment(body.Length);
        }

        _tail!.Append(header, body, flow);
        Volatile.Write(ref _added, _added + weight);
        _count++;
        var wake = _armed;
        _armed = false;
        _gate.Exit();
        return wake ? Result.AddedAndWake : Result.Added;
    }

    /// <summary>Takes the next message; false when there is none. The view of the last one is over.</summary>
    internal bool TryTake(out FrameHeader header, out ReadOnlyMemory<byte> body, out int flow)
    {
        ReturnArray();
        if ((_current is null || _current.IsRead) && !Advance())
        {
            (header, body, flow) = (default, default, 0);
            return false;
        }

        _current!.Take(out header, out body, out flow, out _array);
        _current.TakenBytes += QueueSegment.Weight(body.Length);
        Volatile.Write(ref _taken, _taken + 1);
        return true;
    }

    /// <summary>
    /// Asks for a wake-up at the next message; false when there is one already, or the queue is closed.
    /// </summary>
    internal bool TryArm()
    {
        _gate.Enter();
        var empty = _head is null && !_closed;
        _armed = empty;
        _gate.Exit();
        return empty;
    }

    internal void Disarm()
    {
        _gate.Enter();
        _armed = false;
        _gate.Exit();
    }

    /// <summary>
    /// Takes the oldest message that its taker does not hold yet, to make room; false when there is none.
    /// </summary>
    internal bool TryDropOldest(out FrameHeader header, out byte[] body, out int flow)
    {
        (header, body, flow) = (default, [], 0);
        _gate.Enter();
        var head = _head;
        if (head is null)
        {
            _gate.Exit();
            return false;
        }

        head.Take(out header, out var view, out flow, out var array);
        body = view.ToArray();
        Volatile.Write(ref _added, _added - QueueSegment.Weight(body.Length));
        var isEmpty = head.IsRead;
        if (isEmpty)
        {
            _head = head.Next;
            _tail = _head is null ? null : _tail;
        }

        _gate.Exit();
        if (isEmpty)
        {
            SegmentPool.Return(head);
        }

        if (array is not null)
        {
            ArrayPool<byte>.Shared.Return(array);
        }

        return true;
    }

    /// <summary>
    /// Refuses everything from now on; returns whether somebody waits. What is in it stays for <see cref="TryTake"/>.
    /// </summary>
    internal bool Close()
    {
        _gate.Enter();
        _closed = true;
        var wake = _armed;
        _armed = false;
        _gate.Exit();
        return wake;
    }

    private void AddSegment(int bodyLength)
    {
        var segment = SegmentPool.Rent(_tail is not null || bodyLength > QueueSegment.SmallBytes - QueueSegment.Overhead);
        if (_tail is null)
        {
            _head = segment;
        }
        else
        {
            _tail.Next = segment;
        }

        _tail = segment;
    }

    private bool Advance()
    {
        if (_current is { } old)
        {
            _current = old.Next;
            Volatile.Write(ref _credited, _credited + old.TakenBytes);
            SegmentPool.Return(old);
        }

        if (_current is null && Volatile.Read(ref _head) is not null)
        {
            _gate.Enter();
            _current = _head;
            (_head, _tail) = (null, null);
            _gate.Exit();
        }

        return _current is not null;
    }

    private void ReturnArray()
    {
        if (_array is { } array)
        {
            _array = null;
            ArrayPool<byte>.Shared.Return(array);
        }
    }
}
