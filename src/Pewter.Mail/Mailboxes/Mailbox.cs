using Pewter.Linux;

namespace Pewter.Mail;

/// <summary>
/// Where messages wait for one program: it has an address of its own, and is bound to names. Sending goes from a
/// mailbox too, so that answers and what comes back
/// find the way.
/// </summary>
/// <remarks>
/// <para>Any thread may send, bind and close; one at a time receives. A received body is valid until the next
/// receive.</para>
/// <code>
///          deliver                      take                        close
///   sender ───────▶ queue (by policy) ─────────▶ receiver     ───────────▶ what waits goes back, NoPort
/// </code>
/// <para>It takes no memory for messages while it is empty.</para>
/// </remarks>
public sealed partial class Mailbox : IDisposable
{
    private readonly PostOffice _office;
    private readonly MessageQueue _queue;
    private object? _receiver;
    private ReceiveSource? _source;
    private RoomWaiters? _room;
    private List<NameBinding>? _bindings;
    private MailGroup? _group;
    private MailStream? _stream;
    private long _dropped;
    private long _rejected;
    private bool _isClosed;
    private volatile bool _hasFlows;

    internal Mailbox(PostOffice office, PortAddress address, MailboxOptions options)
    {
        (_office, Address, Options) = (office, address, options);
        _queue = new MessageQueue(options.CapacityBytes);
    }

    /// <summary>Its own address.</summary>
    public PortAddress Address { get; }

    /// <summary>How it was made.</summary>
    public MailboxOptions Options { get; }

    /// <summary>The process's mailboxes.</summary>
    public PostOffice Office => _office;

    /// <summary>What has passed it.</summary>
    public MailboxCounters Counters => new(_queue.AddedCount, _queue.Taken, Volatile.Read(ref _dropped), Volatile.Read(ref _rejected), _queue.Bytes);

    /// <summary>The names it is bound to.</summary>
    public IReadOnlyList<NameBinding> Bindings
    {
        get
        {
            lock (_queue)
            {
                return _bindings is null ? [] : [.. _bindings];
            }
        }
    }

    /// <summary>
    /// Binds it to a name or to numbers. Several mailboxes may have the same, which take turns, unless one wants it for
    /// itself.
    /// </summary>
    /// <param name="target">A name, a service, a range; how far it is known.</param>
    /// <param name="exclusive">Nobody else may have it.</param>
    /// <param name="cancellation">Gives up.</param>
    /// <exception cref="MailException">EADDRINUSE: it is exclusively taken. EBADF: the mailbox is closed. ENOSPC: it
    /// has too many names.</exception>
    public async ValueTask BindAsync(MailTarget target, bool exclusive = false, CancellationToken cancellation = default)
    {
        if (target.IsPort || (target.Name is null && target.Range is null))
        {
            throw new MailException(LinuxErrno.EINVAL, "A mailbox is bound to a name or to numbers; its own address it has already.");
        }

        await BindAsync(new NameBinding(target, Address, _office.NextBinding()) { IsExclusive = exclusive }, cancellation);
    }

    /// <summary>
    /// As <see cref="BindAsync(MailTarget, bool, CancellationToken)"/>, for programs that do not use tasks.
    /// </summary>
    public void Bind(MailTarget target, bool exclusive = false)
    {
        var binding = BindAsync(target, exclusive);
        if (binding.IsCompleted)
        {
            binding.GetAwaiter().GetResult();
        }
        else
        {
            binding.AsTask().GetAwaiter().GetResult();
        }
    }

    /// <summary>Withdraws a name; false when it has none such.</summary>
    public bool Unbind(MailTarget target)
    {
        NameBinding? binding;
        lock (_queue)
        {
            binding = _bindings?.Find(bound => bound.Target == target && !bound.IsGroup);
            if (binding is null)
            {
                return false;
            }

            _bindings!.Remove(binding);
        }

        _office.Unbind(binding);
        return true;
    }

    /// <summary>Closes it: its names go, and what waits in it goes back to the senders.</summary>
    public void Dispose()
    {
        List<NameBinding> bindings;
        lock (_queue)
        {
            if (_isClosed)
            {
                return;
            }

            _isClosed = true;
            bindings = _bindings ?? [];
            _bindings = null;
        }

        _group?.LeaveNow();
        bindings.ForEach(_office.Unbind);
        _office.Forget(this);
        _office.UnfollowPeers(this);
        if (_queue.Close())
        {
            Wake();
        }

        _room?.Release();
        ReturnWaiting();
        if (_hasFlows)
        {
            _office.ForgetInboundTo(Address.Port);
        }

        FailRequests();
    }

    internal async ValueTask BindAsync(NameBinding binding, CancellationToken cancellation)
    {
        lock (_queue)
        {
            DemandOpen();
            if ((_bindings ??= []).Count >= _office.Limits.BindingsMax)
            {
                throw new MailException(
                    LinuxErrno.ENOSPC, $"This mailbox has {_bindings.Count} names, and that is the limit (BindingsMax): unbind some.");
            }

            _bindings.Add(binding);
        }

        try
        {
            await _office.BindAsync(binding, cancellation);
        }
        catch
        {
            lock (_queue)
            {
                _bindings?.Remove(binding);
            }

            throw;
        }
    }

    /// <summary>
    /// Takes what has come for it, on whatever thread brought it. What is not taken is the caller's to send back.
    /// </summary>
    internal RejectReason Deliver(in FrameHeader header, ReadOnlySpan<byte> body, int flow, out RoomWaiters? room)
    {
        room = null;
        if (header.Request != 0 && (header.Has(FrameFlags.Reply) || header.Kind == FrameKind.Reject) && TryAnswer(header, body))
        {
            return Pass(header, flow);
        }

        _stream?.Notice(header);
        if (header.Has(FrameFlags.Group) && header.Kind != FrameKind.Reject && !(_group?.Admit(header) ?? false))
        {
            return Pass(header, flow);
        }

        return Enqueue(header, body, flow, out room);
    }

    /// <summary>Puts a message into the queue, or does what the policy says.</summary>
    internal RejectReason Enqueue(in FrameHeader header, ReadOnlySpan<byte> body, int flow, out RoomWaiters? room)
    {
        // What comes back, and what ends a stream or a membership, is bounded by what was sent or joined, and must not
        // be lost.
        var anyway = header.Kind is not FrameKind.Data || (flow != 0 && Options.Overflow == OverflowPolicy.Block);
        room = null;
        if (flow != 0)
        {
            _hasFlows = true;
            _office.Inbound(flow)?.Queued();
        }

        while (true)
        {
            switch (_queue.TryAdd(header, body, flow, anyway))
            {
                case MessageQueue.Result.Added:
                    return RejectReason.None;
                case MessageQueue.Result.AddedAndWake:
                    Wake();
                    return RejectReason.None;
                case MessageQueue.Result.Closed:
                    Unqueue(flow);
                    return RejectReason.NoPort;
            }

            if (Options.Overflow == OverflowPolicy.DropOldest && TryDropOldest())
            {
                continue;
            }

            return NoRoom(header, flow, out room);
        }
    }

    /// <summary>Another process is gone.</summary>
    internal void PeerLost(PortAddress gone, RejectReason reason)
    {
        _group?.Lost(gone);
        _stream?.Lost(gone, reason);
    }

    internal void Attach(MailGroup group)
    {
        if (Interlocked.CompareExchange(ref _group, group, null) is not null)
        {
            throw new MailException(LinuxErrno.EBUSY, "This mailbox is in a group already: open another for another group.");
        }

        _office.FollowPeers(this);
    }

    internal void Detach(MailGroup group) => Interlocked.CompareExchange(ref _group, null, group);

    internal void Attach(MailStream stream)
    {
        _stream = stream;
        _office.FollowPeers(this);
    }

    internal void DemandOpen()
    {
        if (Volatile.Read(ref _isClosed))
        {
            throw MailException.Closed();
        }
    }

    private RejectReason NoRoom(in FrameHeader header, int flow, out RoomWaiters? room)
    {
        room = null;
        if (!header.IsReliable)
        {
            Interlocked.Increment(ref _dropped);
            Unqueue(flow);
            return RejectReason.None;
        }

        if (flow == 0 && Options.Overflow == OverflowPolicy.Block)
        {
            room = _room ?? Interlocked.CompareExchange(ref _room, new RoomWaiters(), null) ?? _room;
        }
        else
        {
            Interlocked.Increment(ref _rejected);
        }

        Unqueue(flow);
        return RejectReason.Overload;
    }

    private bool TryDropOldest()
    {
        if (!_queue.TryDropOldest(_office, out var header, out var body, out var flow))
        {
            return false;
        }

        if (header.IsReliable && header.Kind == FrameKind.Data)
        {
            Interlocked.Increment(ref _rejected);
            _office.Refuse(header, body, flow, RejectReason.Overload);
        }
        else
        {
            Interlocked.Increment(ref _dropped);
        }

        Unqueue(flow);
        return true;
    }

    private void ReturnWaiting()
    {
        while (_queue.TryTake(out var header, out var body, out var flow))
        {
            if (header.IsReliable && header.Kind is FrameKind.Data or FrameKind.Connect)
            {
                _office.Refuse(header, body.Span, flow, RejectReason.NoPort);
            }
        }
    }

    // A message that was counted as waiting, and goes back or is dropped.
    private void Unqueue(int flow)
    {
        if (flow != 0)
        {
            _office.Inbound(flow)?.Unqueued();
        }
    }

    private RejectReason Pass(in FrameHeader header, int flow)
    {
        if (flow != 0)
        {
            _office.Inbound(flow)?.Pass(header.Sequence);
        }

        return RejectReason.None;
    }

    private void Wake()
    {
        switch (Interlocked.Exchange(ref _receiver, null))
        {
            case ThreadWaiter thread:
                thread.Signal();
                break;
            case ReceiveSource source:
                source.Wake();
                break;
        }
    }
}
