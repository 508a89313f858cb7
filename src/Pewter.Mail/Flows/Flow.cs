namespace Pewter.Mail;

/// <summary>
/// What this process sends to one mailbox of another, numbered and kept until it is known to be taken or has come back.
/// Guarded by its route's gate.
/// </summary>
internal sealed class Flow(uint port, ulong epoch)
{
    private HashSet<ulong>? _settled;

    internal uint Port => port;

    internal Retention Retained { get; private set; } = new();

    /// <summary>The number of the last message.</summary>
    internal ulong Last { get; private set; } = epoch << InboundFlow.EpochShift;

    internal int Slot { get; set; } = -1;

    /// <summary>Bytes under way, by weight.</summary>
    internal long Outstanding { get; private set; }

    /// <summary>The position from which on nothing was written to the link yet.</summary>
    internal long Unsent { get; set; }

    /// <summary>Where the oldest message stood when its receiver was last looked after.</summary>
    internal long ProbedAt { get; set; } = -1;

    internal bool HasUnsent => Unsent != Retained.Tail;

    internal bool IsIdle => Retained.IsEmpty;

    internal ulong Next() => ++Last;

    internal void Keep(in FrameHeader header, ReadOnlySpan<byte> body, long outside)
    {
        Retained.Append(header, body, outside);
        Outstanding += QueueSegment.Weight(header.BodyLength);
    }

    internal bool IsSettled(ulong sequence) => _settled is not null && _settled.Contains(sequence);

    /// <summary>A message has come back: it is no longer under way. Null when it had not been.</summary>
    internal Returned? Settle(ulong sequence, RejectReason reason, MailLink? link)
    {
        for (var position = Retained.Head; position != Retained.Tail;)
        {
            var header = Retained.Read(ref position, out var body, out var outside);
            if (header.Sequence != sequence)
            {
                continue;
            }

            if (!(_settled ??= []).Add(sequence))
            {
                return null;
            }

            var returned = new Returned(header.Returned(reason), (outside < 0 ? body : link!.Placed(outside, header.BodyLength)).ToArray());
            Outstanding -= QueueSegment.Weight(header.BodyLength);
            Release(0, link);
            return returned;
        }

        return null;
    }

    /// <summary>Forgets what is taken, by the peer's word; false when that cannot be.</summary>
    internal bool Release(ulong taken, MailLink? link)
    {
        if (taken > Last)
        {
            return false;
        }

        var position = Retained.Head;
        while (position != Retained.Tail)
        {
            var header = Retained.Read(ref position, out _, out var outside);
            var settled = IsSettled(header.Sequence);
            if (header.Sequence > taken && !settled)
            {
                break;
            }

            if (settled)
            {
                _settled!.Remove(header.Sequence);
            }
            else
            {
                Outstanding -= QueueSegment.Weight(header.BodyLength);
            }

            if (outside >= 0)
            {
                link?.Free(outside);
            }

            Retained.Forget(position);
        }

        Unsent = Math.Max(Unsent, Retained.Head);
        return true;
    }

    /// <summary>Copies what stands in a link's memory, which is about to go.</summary>
    internal void BringHome(MailLink link)
    {
        var home = new Retention();
        for (var position = Retained.Head; position != Retained.Tail;)
        {
            var header = Retained.Read(ref position, out var body, out var outside);
            home.Append(header, outside < 0 ? body : link.Placed(outside, header.BodyLength), -1);
        }

        (Retained, Unsent) = (home, home.Head);
    }
}
