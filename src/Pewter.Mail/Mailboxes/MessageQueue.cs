using System.Buffers;

namespace Pewter.Mail;

/// <summary>
/// The queue of one mailbox: any number of threads add, one takes. Adding copies the message; taking gives a view that
/// is valid until the next take. Memory is
/// taken from a pool when there is something to hold, and nothing is held by an empty queue.
/// </summary>
/// <remarks>
/// <para>Everything between the adders stands under <c>Gate</c>: the chain of segments, the count of added bytes, the
/// flag that somebody waits. The taker takes the
/// whole chain at once and reads it without the gate. It counts what it has given back in <c>_credited</c>, which only
/// it writes.</para>
/// <para>No wake-up is lost: the taker sets <c>Armed</c> under the gate only when the chain is empty, and whoever adds
/// looks at it under the same gate.</para>
/// </remarks>
internal sealed class MessageQueue(int capacity) : QueueGap
{
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

    /// <summary>Bytes in it, with those of the segment that the taker reads; not a long body that it holds.</summary>
    internal long Bytes => Volatile.Read(ref Added) - Volatile.Read(ref _credited);

    /// <summary>Messages that were ever added.</summary>
    internal long AddedCount => Volatile.Read(ref Count);

    /// <summary>Messages that were ever taken.</summary>
    internal long Taken => Volatile.Read(ref _taken);

    /// <summary>Whether nothing waits, as the taker sees it.</summary>
    internal bool IsDrained => (_current is null || _current.IsRead && _current.Next is null) && Volatile.Read(ref Head) is null;

    /// <summary>Whether the taker has just given back a segment or more, so that it is worth to wake senders.</summary>
    internal bool HasRoomAgain => Bytes < capacity / 2;

    internal bool IsClosed => Volatile.Read(ref Closed);

    /// <summary>Adds a message.</summary>
    /// <param name="header">The header, its length that of the body.</param>
    /// <param name="body">The body.</param>
    /// <param name="flow">The flow it came by; 0 within the process.</param>
    /// <param name="anyway">Without regard to the capacity: its sender is bounded otherwise.</param>
    internal Result TryAdd(in FrameHeader header, ReadOnlySpan<byte> body, int flow, bool anyway)
    {
        var weight = QueueSegment.Weight(body.Length);
        Gate.Enter();
        if (Closed)
        {
            Gate.Exit();
            return Result.Closed;
        }

        // One message always fits, whatever the capacity.
        var most = (long)capacity << (int)header.Importance;
        if (!anyway && Added - CreditedSeen + weight > most)
        {
            CreditedSeen = Volatile.Read(ref _credited);
            if (Added != CreditedSeen && Added - CreditedSeen + weight > most)
            {
                Gate.Exit();
                return Result.Full;
            }
        }

        if (Tail is null || !Tail.HasRoom(body.Length))
        {
            AddSegment(body.Length);
        }

        Tail!.Append(header, body, flow);
        Volatile.Write(ref Added, Added + weight);
        Count++;
        var wake = Armed;
        Armed = false;
        Gate.Exit();
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
        if (_array is null)
        {
            _current.TakenBytes += QueueSegment.Weight(body.Length);
        }
        else
        {
            // A long body counts no more once it is taken: it may be longer than the capacity, and what its taker's
            // sender writes next must not find the queue full of it.
            Volatile.Write(ref _credited, _credited + QueueSegment.Weight(body.Length));
        }

        Volatile.Write(ref _taken, _taken + 1);
        return true;
    }

    /// <summary>
    /// Asks for a wake-up at the next message; false when there is one already, or the queue is closed.
    /// </summary>
    internal bool TryArm()
    {
        Gate.Enter();
        var empty = Head is null && !Closed;
        Armed = empty;
        Gate.Exit();
        return empty;
    }

    internal void Disarm()
    {
        Gate.Enter();
        Armed = false;
        Gate.Exit();
    }

    /// <summary>
    /// Takes the oldest message that its taker does not hold yet, to make room; false when there is none.
    /// </summary>
    /// <param name="office">It is told under the gate what goes back, before anything behind it can be taken.</param>
    /// <param name="header">Its header.</param>
    /// <param name="body">Its body.</param>
    /// <param name="flow">The flow it came by.</param>
    internal bool TryDropOldest(PostOffice office, out FrameHeader header, out byte[] body, out int flow)
    {
        (header, body, flow) = (default, [], 0);
        Gate.Enter();
        var head = Head;
        if (head is null)
        {
            Gate.Exit();
            return false;
        }

        head.Take(out header, out var view, out flow, out var array);
        body = view.ToArray();
        if (flow != 0 && header is { IsReliable: true, Kind: FrameKind.Data })
        {
            office.Inbound(flow)?.Refuse(header.Sequence, RejectReason.Overload);
        }

        Volatile.Write(ref Added, Added - QueueSegment.Weight(body.Length));
        var isEmpty = head.IsRead;
        if (isEmpty)
        {
            Head = head.Next;
            Tail = Head is null ? null : Tail;
        }

        Gate.Exit();
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
        Gate.Enter();
        Closed = true;
        var wake = Armed;
        Armed = false;
        Gate.Exit();
        return wake;
    }

    private void AddSegment(int bodyLength)
    {
        var segment = SegmentPool.Rent(Tail is not null || bodyLength > QueueSegment.SmallBytes - QueueSegment.Overhead);
        if (Tail is null)
        {
            Head = segment;
        }
        else
        {
            Tail.Next = segment;
        }

        Tail = segment;
    }

    private bool Advance()
    {
        if (_current is { } old)
        {
            _current = old.Next;
            Volatile.Write(ref _credited, _credited + old.TakenBytes);
            SegmentPool.Return(old);
        }

        if (_current is null && Volatile.Read(ref Head) is not null)
        {
            Gate.Enter();
            _current = Head;
            (Head, Tail) = (null, null);
            Gate.Exit();
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
