namespace Pewter.Mail;

/// <summary>
/// The way to one other process, and the flows that go there. While there is no link yet, messages are kept; when one
/// comes they are written in order, those that a
/// broken one may have lost again.
/// </summary>
/// <remarks>
/// Lock order: the gate of the route, then that of its link. Nothing is called out to under them; what comes back is
/// handed to the caller, who delivers it.
/// </remarks>
internal sealed class Route(PortAddress self, ulong node, uint office, MailLimits limits)
{
    private readonly Dictionary<uint, Flow> _flows = [];
    private SpinGate _gate;
    private MailLink? _link;
    private Flow? _lastFlow;
    private ulong _epoch;
    private bool _hasUnsent;
    private long _dropped;

    internal ulong Node => node;

    internal uint Office => office;

    /// <summary>Senders that wait for their window.</summary>
    internal RoomWaiters Room { get; } = new();

    internal MailLink? Link => Volatile.Read(ref _link);

    /// <summary>How far the peer is, where the link itself does not say so: the hub does.</summary>
    internal MailTransport Distance { get; set; }

    /// <summary>Unreliable messages that were dropped for want of room or of a way.</summary>
    internal long Dropped => Volatile.Read(ref _dropped);

    internal bool HasUnsent => Volatile.Read(ref _hasUnsent);

    /// <summary>Sends. <see cref="RejectReason.Overload"/> when the window is full: see <see cref="Room"/>.</summary>
    internal RejectReason Send(ref FrameHeader header, ReadOnlySpan<byte> body)
    {
        _gate.Enter();
        var link = _link;
        link?.Gate.Enter();
        var reason = header.IsReliable ? SendNumbered(ref header, body, link) : SendLoosely(header, body, link);
        link?.Gate.Exit();
        _gate.Exit();
        return reason;
    }

    /// <summary>
    /// Takes a link into use, the first or another; everything that is not known to be taken is written to it.
    /// </summary>
    internal void Use(MailLink link)
    {
        _gate.Enter();
        if (_link is { } before && before != link)
        {
            Abandon(before);
        }

        _link = link;
        link.Gate.Enter();
        foreach (var flow in _flows.Values)
        {
            flow.Unsent = flow.Retained.Head;
        }

        WriteUnsent(link);
        link.Gate.Exit();
        _gate.Exit();
    }

    /// <summary>The link is gone; flows wait for the next.</summary>
    internal void Drop(MailLink link)
    {
        _gate.Enter();
        if (_link == link)
        {
            Abandon(link);
            _link = null;
        }

        _gate.Exit();
    }

    /// <summary>Writes what could not be written before.</summary>
    internal void Flush()
    {
        _gate.Enter();
        if (_link is { } link && _hasUnsent)
        {
            link.Gate.Enter();
            WriteUnsent(link);
            link.Gate.Exit();
        }

        _gate.Exit();
    }

    /// <summary>The peer says what it has taken of a flow; false when that cannot be.</summary>
    internal bool Taken(uint port, ulong sequence)
    {
        _gate.Enter();
        var good = !_flows.TryGetValue(port, out var flow) || !IsOfEpoch(flow, sequence) || Release(flow, sequence);
        _gate.Exit();
        return good;
    }

    /// <summary>
    /// A message of a flow has come back: what it was, by this side's own memory; null when it had been settled before.
    /// </summary>
    internal Returned? Settle(uint port, ulong sequence, RejectReason reason)
    {
        _gate.Enter();
        _link?.Gate.Enter();
        var settled = _flows.TryGetValue(port, out var flow) ? flow.Settle(sequence, reason, _link) : null;
        _link?.Gate.Exit();
        _gate.Exit();
        return settled;
    }

    /// <summary>
    /// Asks after flows of which nothing was heard since the last call: on their way something may have been dropped.
    /// </summary>
    internal void Probe()
    {
        _gate.Enter();
        if (_link is StreamLink link)
        {
            link.Gate.Enter();
            foreach (var flow in _flows.Values)
            {
                if (!flow.IsIdle && !flow.HasUnsent && flow.ProbedAt == flow.Retained.Head)
                {
                    link.TryWrite(
                        new FrameHeader { Kind = FrameKind.Probe, From = self, To = new PortAddress(node, office, flow.Port), Sequence = flow.Last },
                        default, flow.Slot, -1);
                }

                flow.ProbedAt = flow.IsIdle ? -1 : flow.Retained.Head;
            }

            link.Gate.Exit();
        }

        _gate.Exit();
    }

    /// <summary>
    /// The peer misses a message: it and what follows are written again, and what will not come is told.
    /// </summary>
    internal void Resend(uint port, ulong expected)
    {
        _gate.Enter();
        if (_link is { } link && _flows.TryGetValue(port, out var flow) && expected <= flow.Last && IsOfEpoch(flow, expected))
        {
            link.Gate.Enter();
            var head = flow.Retained.Head;
            var first = flow.IsIdle ? flow.Last + 1 : flow.Retained.Read(ref head, out _, out _).Sequence;
            if (expected < first)
            {
                WriteSkip(link, flow, expected, first - 1);
            }

            flow.Unsent = flow.Retained.Head;
            WriteUnsent(link);
            link.Gate.Exit();
        }

        _gate.Exit();
    }

    /// <summary>Gives up: takes everything out that is not known to be taken. A later message begins anew.</summary>
    internal List<Returned> Lose(RejectReason reason)
    {
        var returned = new List<Returned>();
        _gate.Enter();
        var link = _link;
        link?.Gate.Enter();
        foreach (var flow in _flows.Values)
        {
            Reclaim(flow, link);
            for (var position = flow.Retained.Head; position != flow.Retained.Tail;)
            {
                var header = flow.Retained.Read(ref position, out var body, out var outside);
                // A member's coming and going is not the user's message: the names say who is gone.
                if (!flow.IsSettled(header.Sequence) && header.Kind is not (FrameKind.Join or FrameKind.Leave))
                {
                    returned.Add(new Returned(header.Returned(reason), (outside < 0 ? body : link!.Placed(outside, header.BodyLength)).ToArray()));
                }
            }
        }

        _flows.Clear();
        (_lastFlow, _hasUnsent) = (null, false);
        link?.Gate.Exit();
        _link = null;
        _gate.Exit();
        return returned;
    }

    private RejectReason SendLoosely(in FrameHeader header, ReadOnlySpan<byte> body, MailLink? link)
    {
        var outside = link is not null && body.Length > link.InlineMax ? -2 : -1L;
        if (link is null || outside == -2 || !link.TryWrite(header, body, -1, -1))
        {
            _dropped++;
        }

        return RejectReason.None;
    }

    private RejectReason SendNumbered(ref FrameHeader header, ReadOnlySpan<byte> body, MailLink? link)
    {
        var flow = FlowTo(header.To.Port, link);
        if (flow is null)
        {
            return RejectReason.Overload;
        }

        var weight = QueueSegment.Weight(body.Length);
        if (flow.Outstanding != 0 && flow.Outstanding + weight > limits.WindowBytes)
        {
            Reclaim(flow, link);
            if (flow.Outstanding != 0 && flow.Outstanding + weight > limits.WindowBytes)
            {
                return RejectReason.Overload;
            }
        }

        var outside = -1L;
        if (link is not null && body.Length > link.InlineMax && (outside = PlaceOrReclaim(link, body)) < 0)
        {
            return RejectReason.Overload;
        }

        var before = flow.Retained.Tail;
        header.Sequence = flow.Next();
        flow.Keep(header, body, outside);
        if (flow.Unsent == before && link is not null && link.TryWrite(header, body, flow.Slot, outside))
        {
            flow.Unsent = flow.Retained.Tail;
        }
        else
        {
            Volatile.Write(ref _hasUnsent, true);
        }

        return RejectReason.None;
    }

    private Flow? FlowTo(uint port, MailLink? link)
    {
        if (_lastFlow is { } last && last.Port == port)
        {
            return last;
        }

        if (!_flows.TryGetValue(port, out var flow))
        {
            flow = new Flow(port, ++_epoch);
            if (link is not null && (flow.Slot = TakeSlot(link)) < 0)
            {
                return null;
            }

            _flows.Add(port, flow);
        }

        return _lastFlow = flow;
    }

    // A flow that has nothing under way is no more than its place; a mailbox that is written to again begins another,
    // in a new epoch.
    private int TakeSlot(MailLink link)
    {
        var slot = link.TakeSlot();
        if (slot >= 0)
        {
            return slot;
        }

        foreach (var (port, flow) in _flows)
        {
            Reclaim(flow, link);
            if (flow.IsIdle)
            {
                link.FreeSlot(flow.Slot);
                _flows.Remove(port);
            }
        }

        _lastFlow = null;
        return link.TakeSlot();
    }

    private long PlaceOrReclaim(MailLink link, ReadOnlySpan<byte> body)
    {
        var outside = link.Place(body);
        if (outside >= 0)
        {
            return outside;
        }

        foreach (var flow in _flows.Values)
        {
            Reclaim(flow, link);
        }

        return link.Place(body);
    }

    private static void Reclaim(Flow flow, MailLink? link)
    {
        if (link is not null && flow.Slot >= 0 && link.TakenOf(flow.Slot) is var taken and not 0 && IsOfEpoch(flow, taken))
        {
            flow.Release(taken, link);
        }
    }

    private static bool IsOfEpoch(Flow flow, ulong sequence) => sequence >> InboundFlow.EpochShift == flow.Last >> InboundFlow.EpochShift;

    private bool Release(Flow flow, ulong taken)
    {
        _link?.Gate.Enter();
        var good = flow.Release(taken, _link);
        _link?.Gate.Exit();
        return good;
    }

    private void WriteUnsent(MailLink link)
    {
        var left = false;
        foreach (var flow in _flows.Values)
        {
            if (flow.Slot < 0)
            {
                flow.Slot = link.TakeSlot();
            }

            left |= flow.Slot < 0 ? flow.HasUnsent : !WriteUnsent(link, flow);
        }

        Volatile.Write(ref _hasUnsent, left);
    }

    private bool WriteUnsent(MailLink link, Flow flow)
    {
        while (flow.HasUnsent)
        {
            var at = flow.Unsent;
            var next = at;
            var header = flow.Retained.Read(ref next, out var body, out var outside);
            if (flow.IsSettled(header.Sequence))
            {
                WriteSkip(link, flow, header.Sequence, header.Sequence);
            }
            else
            {
                if (outside < 0 && body.Length > link.InlineMax)
                {
                    outside = link.Place(body);
                    if (outside < 0)
                    {
                        return false;
                    }

                    flow.Retained.PutOutside(at, outside);
                }

                if (!link.TryWrite(header, body, flow.Slot, outside))
                {
                    return false;
                }
            }

            flow.Unsent = next;
        }

        return true;
    }

    private void WriteSkip(MailLink link, Flow flow, ulong from, ulong to)
    {
        var header = new FrameHeader
        {
            Kind = FrameKind.Skip, From = self, To = new PortAddress(node, office, flow.Port), Sequence = to, Request = from,
        };
        link.TryWrite(header, default, flow.Slot, -1);
    }

    // Long bodies stand in the old link's memory: they are brought home before it is let go.
    private void Abandon(MailLink link)
    {
        link.Gate.Enter();
        foreach (var flow in _flows.Values)
        {
            Reclaim(flow, link);
            flow.Slot = -1;
            flow.BringHome(link);
        }

        link.Gate.Exit();
    }
}
