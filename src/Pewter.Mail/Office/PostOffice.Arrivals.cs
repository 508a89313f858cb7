using System.Collections.Concurrent;

namespace Pewter.Mail;

// What comes in over links. Each frame was copied and its sizes checked by its link; here it is checked that it says
// something sensible.
public sealed partial class PostOffice
{
    // Flows to mailboxes that are closed already, about 100 bytes each.
    private const int ClosedMax = 4096;

    private readonly Lock _inboundLock = new();
    private readonly ConcurrentDictionary<(ulong, uint, uint), InboundFlow> _inbound = new();
    private InboundFlow?[] _inboundByHandle = new InboundFlow?[16];
    private readonly Stack<int> _freeHandles = new();
    private readonly Queue<InboundFlow> _closed = new();
    private int _inboundCount = 1;

    /// <summary>Takes a frame from a link; false when no honest peer sends it.</summary>
    internal bool Dispatch(MailLink link, in FrameHeader header, ReadOnlySpan<byte> body, int slot)
    {
        switch (header.Kind)
        {
            case FrameKind.Taken:
                return Taken(header);
            case FrameKind.Missing:
                KnownRoute(header.From)?.Resend(header.From.Port, header.Sequence);
                return true;
            case FrameKind.Reject:
                GiveBack(link, header, body);
                return true;
            case FrameKind.Skip:
                var skipping = InboundFor(link, header, slot);
                skipping.Skip(header.Request, header.Sequence);
                skipping.Settled(header.Request, header.Sequence);
                return true;
            case FrameKind.Probe:
                AnswerProbe(link, header, slot);
                return true;
            case FrameKind.Settled:
                _inbound.GetValueOrDefault((header.From.Node, header.From.Office, header.To.Port))?.Settled(header.Sequence, header.Sequence);
                return true;
            case FrameKind.Data or FrameKind.Connect or FrameKind.Accept or FrameKind.Finish or FrameKind.Join or FrameKind.Leave:
                Arrive(link, header, body, slot);
                return true;
            default:
                return false;
        }
    }

    /// <summary>
    /// Puts a message that has come back into its sender's mailbox. One that is numbered is kept here, and its body
    /// needs not come with it.
    /// </summary>
    private void GiveBack(MailLink link, in FrameHeader header, ReadOnlySpan<byte> body)
    {
        if (header.Sequence == 0)
        {
            Find(header.To.Port)?.Deliver(header, body, 0, out _);
            return;
        }

        if (KnownRoute(header.From) is not { } route)
        {
            return;
        }

        var settled = route.Settle(header.From.Port, header.Sequence, header.Reason);
        link.SendControl(new FrameHeader { Kind = FrameKind.Settled, From = Address, To = header.From, Sequence = header.Sequence }, default);
        if (settled is { } returned)
        {
            route.Room.Release();
            Find(returned.Header.To.Port)?.Deliver(returned.Header, returned.Body, 0, out _);
        }
    }

    /// <summary>The receiver of a mailbox has taken a numbered message.</summary>
    internal void Took(int handle, ulong sequence, bool isLast)
    {
        if (Volatile.Read(ref _inboundByHandle)[handle] is not { } flow)
        {
            return;
        }

        flow.Take(sequence, isLast);
        if (flow.IsOver)
        {
            ForgetInbound(flow);
        }
    }

    /// <summary>The flow of a message that waits in a mailbox.</summary>
    internal InboundFlow? Inbound(int handle) => Volatile.Read(ref _inboundByHandle)[handle];

    /// <summary>
    /// A mailbox is closed and empty. What came to it is remembered for a while, so that what its senders have not
    /// heard yet can be said again.
    /// </summary>
    internal void ForgetInboundTo(uint port)
    {
        foreach (var flow in _inbound.Values)
        {
            if (flow.Port == port)
            {
                flow.SayAgain();
                InboundFlow? oldest = null;
                lock (_inboundLock)
                {
                    _closed.Enqueue(flow);
                    _ = _closed.Count > ClosedMax && _closed.TryDequeue(out oldest);
                }

                if (oldest is not null)
                {
                    ForgetInbound(oldest);
                }
            }
        }
    }

    /// <summary>A message that was numbered goes back, after it was queued.</summary>
    internal void Refuse(in FrameHeader header, ReadOnlySpan<byte> body, int handle, RejectReason reason)
    {
        if (handle == 0)
        {
            Find(header.From.Port)?.Deliver(header.Returned(reason), body, 0, out _);
        }
        else if (Volatile.Read(ref _inboundByHandle)[handle] is { } flow)
        {
            flow.Refuse(header.Sequence, reason);
            flow.Link?.SendControl(header.Refused(reason), default);
        }
    }

    /// <summary>A message goes back that its receiver has taken: it is of no flow any more.</summary>
    internal void SendBack(FrameHeader back, ReadOnlySpan<byte> body)
    {
        back.Sequence = 0;
        if (back.To.IsSameOffice(Address))
        {
            Find(back.To.Port)?.Deliver(back, body, 0, out _);
        }
        else
        {
            KnownRoute(back.To)?.Link?.SendControl(back, body);
        }
    }

    /// <summary>
    /// A process is gone, or cannot be reached any more: what it had not taken comes back, and who has to do with it is
    /// told.
    /// </summary>
    internal void Lose(Route route, RejectReason reason)
    {
        var gone = new PortAddress(route.Node, route.Office, 0);
        foreach (var returned in route.Lose(reason))
        {
            Find(returned.Header.To.Port)?.Deliver(returned.Header, returned.Body, 0, out _);
        }

        route.Room.Release();
        foreach (var flow in _inbound.Values.Where(flow => flow.Sender.IsSameOffice(gone)))
        {
            flow.SenderLost();
            if (flow.IsOver)
            {
                ForgetInbound(flow);
            }
        }

        foreach (var box in _peered.Keys)
        {
            box.PeerLost(gone, reason);
        }
    }

    /// <summary>Mailboxes that want to know of the loss of a process: ends of streams, members of groups.</summary>
    private readonly ConcurrentDictionary<Mailbox, byte> _peered = new();

    internal void FollowPeers(Mailbox box) => _peered[box] = 0;

    internal void UnfollowPeers(Mailbox box) => _peered.TryRemove(box, out _);

    private bool Taken(in FrameHeader header)
    {
        if (KnownRoute(header.From) is not { } route)
        {
            return true;
        }

        var good = route.Taken(header.From.Port, header.Sequence);
        Interlocked.MemoryBarrier();
        route.Room.Release();
        return good;
    }

    private void Arrive(MailLink link, in FrameHeader header, ReadOnlySpan<byte> body, int slot)
    {
        if (!header.IsReliable || header.Sequence == 0)
        {
            Find(header.To.Port)?.Deliver(header, body, 0, out _);
            return;
        }

        var flow = InboundFor(link, header, slot);
        switch (flow.Judge(header.Sequence))
        {
            case InboundFlow.Judgement.Duplicate when flow.ReasonOf(header.Sequence) is not RejectReason.None and var why:
                link.SendControl(header.Refused(why), default);
                return;
            case InboundFlow.Judgement.Duplicate:
                flow.SayAgain();
                return;
            case InboundFlow.Judgement.Gap:
                if (flow.MayAsk(Time))
                {
                    Ask(link, header, flow.Expected);
                }

                return;
        }

        var reason = Find(header.To.Port) is { } box ? box.Deliver(header, body, flow.Handle, out _) : RejectReason.NoPort;
        if (reason != RejectReason.None)
        {
            flow.Refuse(header.Sequence, reason);
            link.SendControl(header.Refused(reason), default);
        }
    }

    private void AnswerProbe(MailLink link, in FrameHeader header, int slot)
    {
        var flow = InboundFor(link, header, slot);
        if (flow.Missing(header.Sequence) is { } missing)
        {
            Ask(link, header, missing);
            return;
        }

        foreach (var (sequence, reason) in flow.Refused)
        {
            link.SendControl(
                new FrameHeader { Kind = FrameKind.Reject, Reason = reason, From = header.To, To = header.From, Sequence = sequence }, default);
        }

        flow.SayAgain();
    }

    private static void Ask(MailLink link, in FrameHeader header, ulong missing) =>
        link.SendControl(new FrameHeader { Kind = FrameKind.Missing, From = header.To, To = header.From, Sequence = missing }, default);

    private InboundFlow InboundFor(MailLink link, in FrameHeader header, int slot)
    {
        if (link.FlowOf(slot) is { } known && known.Fits(header))
        {
            return known;
        }

        var key = (header.From.Node, header.From.Office, header.To.Port);
        if (!_inbound.TryGetValue(key, out var flow))
        {
            flow = NewInbound(key, header);
        }

        flow.CameBy(link, slot);
        link.Remember(slot, flow);
        return flow;
    }

    private InboundFlow NewInbound((ulong, uint, uint) key, in FrameHeader header)
    {
        lock (_inboundLock)
        {
            if (!_freeHandles.TryPop(out var handle))
            {
                handle = _inboundCount++;
                if (handle == _inboundByHandle.Length)
                {
                    var larger = new InboundFlow?[handle * 2];
                    _inboundByHandle.CopyTo(larger, 0);
                    Volatile.Write(ref _inboundByHandle, larger);
                }
            }

            var flow = new InboundFlow(handle, header.From with { Port = 0 }, header.To.Port);
            _inboundByHandle[handle] = flow;
            return _inbound[key] = flow;
        }
    }

    private void ForgetInbound(InboundFlow flow)
    {
        lock (_inboundLock)
        {
            if (_inboundByHandle[flow.Handle] == flow)
            {
                flow.IsForgotten = true;
                _inboundByHandle[flow.Handle] = null;
                _inbound.TryRemove((flow.Sender.Node, flow.Sender.Office, flow.Port), out _);
                _freeHandles.Push(flow.Handle);
            }
        }
    }
}
