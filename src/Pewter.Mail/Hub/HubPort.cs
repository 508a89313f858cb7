using System.Net.Sockets;

namespace Pewter.Mail;

/// <summary>
/// A process of the node. Owns its socket, its bindings and what it watches; all goes with the socket.
/// </summary>
internal sealed class HubPort : HubPeer
{
    private readonly Socket _socket;
    private readonly List<NameSubscription> _watches = [];
    private readonly Dictionary<PortAddress, long> _offered = [];
    private readonly HashSet<PortAddress> _used = [];

    internal HubPort(MailHub hub, Socket socket, string tenant, int process)
        : base(hub)
    {
        (_socket, Tenant, Process) = (socket, tenant, process);
        Outbox = new FrameOutbox(new NetworkStream(socket, ownsSocket: false), socket, hub.Options.OutboxBytes, socket.Dispose);
    }

    internal override FrameOutbox Outbox { get; }

    internal string Tenant { get; }

    internal int Process { get; }

    /// <summary>The process's address; none until it has said hello.</summary>
    internal PortAddress Address { get; private set; }

    internal async Task RunAsync(CancellationToken cancellation)
    {
        await using var stream = new NetworkStream(_socket, ownsSocket: true);
        await ReadAsync(stream, () => { }, cancellation);
        foreach (var watch in _watches)
        {
            watch.Dispose();
        }

        if (!Address.IsNone)
        {
            Hub.Leave(this);
        }
    }

    protected override void Take(in FrameHeader header, ReadOnlySpan<byte> body)
    {
        if (Address.IsNone)
        {
            Greet(header, body);
            return;
        }

        if (HubFrame.IsMail(header.Kind))
        {
            if (!header.From.IsSameOffice(Address))
            {
                throw new InvalidDataException("A process speaks for itself.");
            }

            Hub.Forward(header, body, this);
            return;
        }

        switch (header.Kind)
        {
            case HubFrame.Bind or HubFrame.Unbind:
                Bind(header, body);
                break;
            case HubFrame.Watch:
                Watch(header, body);
                break;
            case HubFrame.FindWay:
                Hub.FindWay(this, header.To);
                break;
        }
    }

    /// <summary>Whether a segment to a peer was handed out only just now, because the peer asked as well.</summary>
    internal bool IsOffered(PortAddress peer)
    {
        lock (_offered)
        {
            var now = Hub.Options.Time.GetTimestamp();
            return !_offered.TryAdd(peer, now) && Hub.Options.Time.GetElapsedTime(_offered[peer], now) < TimeSpan.FromMilliseconds(200)
                || (_offered[peer] = now) < 0;
        }
    }

    /// <summary>Whether the process writes to another by this hub.</summary>
    internal bool Uses(PortAddress peer)
    {
        lock (_used)
        {
            return _used.Contains(peer);
        }
    }

    /// <summary>Tells the process that the way to another is by this hub, and how far it is.</summary>
    internal void SayWay(HubOffice office)
    {
        lock (_used)
        {
            _used.Add(office.Address);
        }

        Outbox.TryAppend(new FrameHeader { Kind = HubFrame.Relay, From = office.Address, Request = (ulong)office.Distance }, default);
    }

    private void Greet(in FrameHeader header, ReadOnlySpan<byte> body)
    {
        if (header.Kind != HubFrame.Hello || HubFrame.Text(body) != HubFrame.Version)
        {
            throw new InvalidDataException("Another version of the protocol.");
        }

        Address = Hub.Join(this, header.From.Office);
        Outbox.TryAppend(new FrameHeader { Kind = HubFrame.Welcome, To = Address }, default);
    }

    private void Bind(in FrameHeader header, ReadOnlySpan<byte> body)
    {
        if (HubFrame.ReadBinding(header, body) is not { } binding || !binding.Port.IsSameOffice(Address))
        {
            throw new InvalidDataException("A binding that is none.");
        }

        if (header.Kind == HubFrame.Unbind)
        {
            Hub.Withdraw(Tenant, binding, null);
            return;
        }

        var other = Hub.Publish(Tenant, binding, null);
        if (header.Request != 0)
        {
            var text = other is null ? "" : $"{binding.Target} is taken: {other.Target} is {other.Port}'s, and one of the two is exclusive.";
            Outbox.TryAppend(new FrameHeader { Kind = HubFrame.BindAnswer, Request = header.Request }, HubFrame.Text(text));
        }
    }

    private void Watch(in FrameHeader header, ReadOnlySpan<byte> body)
    {
        if (!MailTarget.TryParse(HubFrame.Text(body), out var target) || target.IsPort)
        {
            throw new InvalidDataException("A watch of nothing.");
        }

        var number = header.Request;
        _watches.Add(Hub.NamesOf(Tenant).Subscribe(
            target, NameFilter.Ports, Timeout.InfiniteTimeSpan, header.Has(FrameFlags.Group),
            (binding, isUp) =>
            {
                if (binding.Target.Scope != MailScope.Node || binding.Port.Node == Address.Node)
                {
                    Outbox.TryAppend(
                        HubFrame.ForBinding(isUp ? HubFrame.Up : HubFrame.Down, binding, number), HubFrame.Text(binding.Target.ToString()));
                }
            }));
        Outbox.TryAppend(new FrameHeader { Kind = HubFrame.Synced, Request = number }, default);
    }
}
