namespace Pewter.Mail;

// Sending. Try… answers at once; the others wait for room, and throw what comes of it at once. What is found out later
// comes back as a message.
public sealed partial class Mailbox
{
    /// <summary>Sends without waiting.</summary>
    /// <param name="to">A mailbox, a service, a name; of several owners one, in turn.</param>
    /// <param name="body">The message; it is copied.</param>
    /// <param name="options">How.</param>
    /// <returns><see cref="RejectReason.None"/> when it is on its way; else why not, and it is not sent: nothing comes
    /// back for it.</returns>
    /// <exception cref="MailException">EMSGSIZE: it is too large. EBADF: this mailbox is closed.</exception>
    public RejectReason TrySend(in MailTarget to, ReadOnlySpan<byte> body, SendOptions options = default) => Post(to, body, options, 0, out _);

    /// <summary>
    /// As <see cref="TrySend(in MailTarget, ReadOnlySpan{byte}, SendOptions)"/>, to a mailbox by its address.
    /// </summary>
    public RejectReason TrySend(PortAddress to, ReadOnlySpan<byte> body, SendOptions options = default)
    {
        DemandSize(body.Length);
        var header = HeaderTo(to, options);
        return _office.Send(ref header, body, out _);
    }

    /// <summary>
    /// As <see cref="Send(in MailTarget, ReadOnlySpan{byte}, SendOptions)"/>, to a mailbox by its address.
    /// </summary>
    public void Send(PortAddress to, ReadOnlySpan<byte> body, SendOptions options = default)
    {
        DemandSize(body.Length);
        var header = HeaderTo(to, options);
        var reason = _office.Send(ref header, body, out var room);
        if (room is not null)
        {
            Send(new MailTarget(to), body, options);
        }
        else if (reason != RejectReason.None)
        {
            Demand(reason, to);
        }
    }

    /// <summary>Sends, waiting for room on this thread.</summary>
    /// <exception cref="MailException">It cannot be sent: see <see cref="MailException.Reason"/>.</exception>
    public void Send(in MailTarget to, ReadOnlySpan<byte> body, SendOptions options = default)
    {
        AwaitKnown(to);
        var reason = Post(to, body, options, 0, out var room);
        while (reason == RejectReason.Overload && room is not null)
        {
            var waiter = ThreadWaiter.Mine;
            waiter.Reset();
            room.Add(waiter);
            _office.WantWindow(room);
            reason = Post(to, body, options, 0, out var again);
            if (reason == RejectReason.Overload && again is not null)
            {
                _office.Sleep(waiter, Timeout.InfiniteTimeSpan);
            }

            room.Remove(waiter);
            room = again;
        }

        Demand(reason, to);
    }

    /// <summary>Sends, waiting for room.</summary>
    /// <exception cref="MailException">It cannot be sent: see <see cref="MailException.Reason"/>.</exception>
    public ValueTask SendAsync(in MailTarget to, ReadOnlyMemory<byte> body, SendOptions options = default, CancellationToken cancellation = default)
    {
        if (IsKnown(to))
        {
            var reason = Post(to, body.Span, options, 0, out var room);
            if (reason != RejectReason.Overload || room is null)
            {
                Demand(reason, to);
                return ValueTask.CompletedTask;
            }
        }

        return new ValueTask(SendSlowlyAsync(to, body, options, 0, cancellation));
    }

    /// <summary>Sends a copy to each owner of a name or range, waiting for room; returns how many there are.</summary>
    /// <exception cref="MailException">EHOSTUNREACH: nobody is bound to it.</exception>
    public async ValueTask<int> MulticastAsync(
        MailTarget to, ReadOnlyMemory<byte> body, SendOptions options = default, CancellationToken cancellation = default)
    {
        var destination = _office.DestinationFor(to);
        await destination.Known.WaitAsync(cancellation);
        var ports = to.IsPort ? [to.Port] : destination.Ports;
        Demand(ports.Length == 0 ? RejectReason.NoName : RejectReason.None, to);
        var sent = 0;
        foreach (var port in ports)
        {
            var header = HeaderFor(to, options, 0);
            header.Flags |= FrameFlags.Multicast;
            header.To = port;
            sent += await SendFrameAsync(header, body, cancellation) == RejectReason.None ? 1 : 0;
        }

        return sent;
    }

    /// <summary>Sends a frame of any kind, waiting for room.</summary>
    internal async ValueTask<RejectReason> SendFrameAsync(FrameHeader header, ReadOnlyMemory<byte> body, CancellationToken cancellation)
    {
        var reason = _office.Send(ref header, body.Span, out var room);
        while (reason == RejectReason.Overload && room is not null)
        {
            var wake = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            room.Add(wake);
            _office.WantWindow(room);
            reason = _office.Send(ref header, body.Span, out var again);
            if (reason == RejectReason.Overload && again is not null)
            {
                try
                {
                    await wake.Task.WaitAsync(cancellation);
                }
                catch
                {
                    room.Remove(wake);
                    throw;
                }
            }

            room.Remove(wake);
            room = again;
        }

        return reason;
    }

    private FrameHeader HeaderTo(PortAddress to, SendOptions options) => new()
    {
        Kind = FrameKind.Data, Importance = options.Importance, From = Address, To = to,
        Flags = options.IsUnreliable ? FrameFlags.Unreliable : FrameFlags.None,
    };

    internal FrameHeader HeaderFor(in MailTarget to, SendOptions options, ulong request)
    {
        var header = new FrameHeader
        {
            Kind = FrameKind.Data, Importance = options.Importance, From = Address, To = to.Port, Request = request,
            Flags = options.IsUnreliable ? FrameFlags.Unreliable : FrameFlags.None,
        };
        if (to.Range is { } range)
        {
            header.Flags |= FrameFlags.ToService;
            (header.Type, header.Instance) = (range.Type, range.Lower);
        }

        return header;
    }

    internal static void Demand(RejectReason reason, in MailTarget to)
    {
        if (reason != RejectReason.None)
        {
            throw MailException.Rejected(reason, to.ToString());
        }
    }

    /// <summary>Sends a frame without a body to one owner of a name.</summary>
    internal async ValueTask<RejectReason> AskAsync(FrameKind kind, MailTarget to, CancellationToken cancellation)
    {
        var header = HeaderFor(to, default, 0);
        header.Kind = kind;
        if (!to.IsPort)
        {
            var destination = _office.DestinationFor(to);
            await destination.Known.WaitAsync(cancellation);
            if (!destination.TryNext(near: false, out header.To))
            {
                return RejectReason.NoName;
            }
        }

        return await SendFrameAsync(header, default, cancellation);
    }

    private async Task SendSlowlyAsync(MailTarget to, ReadOnlyMemory<byte> body, SendOptions options, ulong request, CancellationToken cancellation)
    {
        DemandSize(body.Length);
        var header = HeaderFor(to, options, request);
        if (!to.IsPort)
        {
            var destination = _office.DestinationFor(to);
            await destination.Known.WaitAsync(cancellation);
            Demand(destination.TryNext(options.PrefersNear, out header.To) ? RejectReason.None : RejectReason.NoName, to);
        }

        Demand(await SendFrameAsync(header, body, cancellation), to);
    }

    private RejectReason Post(in MailTarget to, ReadOnlySpan<byte> body, SendOptions options, ulong request, out RoomWaiters? room)
    {
        DemandSize(body.Length);
        var header = HeaderFor(to, options, request);
        if (!to.IsPort && !_office.DestinationFor(to).TryNext(options.PrefersNear, out header.To))
        {
            room = null;
            return RejectReason.NoName;
        }

        return _office.Send(ref header, body, out room);
    }

    private void DemandSize(int length)
    {
        DemandOpen();
        if (length > _office.Limits.MessageBytesMax)
        {
            throw MailException.TooLarge(length, _office.Limits.MessageBytesMax);
        }
    }

    private bool IsKnown(in MailTarget to) => to.IsPort || _office.DestinationFor(to).Known.IsCompletedSuccessfully;

    private void AwaitKnown(in MailTarget to)
    {
        if (!IsKnown(to))
        {
            _office.DestinationFor(to).Known.GetAwaiter().GetResult();
        }
    }
}
