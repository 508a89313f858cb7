using System.Collections.Concurrent;
using Pewter.Linux;
using Pewter.Linux.Machine;

namespace Pewter.Mail;

/// <summary>
/// All mailboxes of a process: opens them, knows names, and takes each message the nearest way. Alone it serves the
/// process itself; attached to a hub it reaches the
/// node's other processes and other nodes. Safe to share.
/// </summary>
/// <remarks>
/// <para>A message to a mailbox of the process is put into that mailbox's queue by the sending thread. One to another
/// process goes over the <see cref="Route"/> there.</para>
/// <para>Locks, in order: route, link, queue; names and tables stand alone. Nothing is called out to under any of
/// them.</para>
/// </remarks>
public sealed partial class PostOffice : IAsyncDisposable
{
    // Names that senders have used; beyond this the cache begins anew.
    private const int DestinationsMax = 1 << 16;

    private readonly MailboxTable _boxes;
    private readonly ConcurrentDictionary<MailTarget, Destination> _destinations = new();
    private readonly ConcurrentDictionary<(ulong, uint), Route> _routes = new();
    private volatile Route? _lastRoute;
    private volatile MailUplink? _uplink;
    private uint _bindings;

    /// <summary>An office that stands alone.</summary>
    public PostOffice(PostOfficeOptions? options = null)
    {
        options ??= new PostOfficeOptions();
        (Options, Limits, Time) = (options, options.Limits, options.Time);
        var node = options.Node != 0 ? options.Node : EntropyPool.Number() | 1;
        Address = new PortAddress(node, options.Office != 0 ? options.Office : (uint)EntropyPool.Number() | 1, 0);
        Names = new NameTable(Time);
        _boxes = new MailboxTable(Limits.MailboxesMax);
    }

    /// <summary>
    /// An office that belongs to the hub of its node, by the hub's socket: it reaches the node's other processes and
    /// other nodes.
    /// </summary>
    /// <exception cref="MailException">ENOTCONN: no hub answers there.</exception>
    public static ValueTask<PostOffice> AttachAsync(string path, PostOfficeOptions? options = null, CancellationToken cancellation = default) =>
        HubClient.AttachAsync(path, options ?? new PostOfficeOptions(), cancellation);

    /// <summary>The process's address: the node and the office; the port is 0.</summary>
    public PortAddress Address { get; }

    /// <summary>The limits.</summary>
    public MailLimits Limits { get; }

    /// <summary>How it was made.</summary>
    public PostOfficeOptions Options { get; }

    /// <summary>Mailboxes that are open.</summary>
    public int Count => _boxes.Count;

    internal TimeProvider Time { get; }

    internal NameTable Names { get; }

    internal MailUplink? Uplink
    {
        get => _uplink;
        set => _uplink = value;
    }

    internal IEnumerable<Route> Routes => _routes.Values;

    /// <summary>Opens a mailbox with a new address.</summary>
    /// <exception cref="MailException">ENOSPC: there are too many.</exception>
    public Mailbox Open(MailboxOptions? options = null) =>
        _boxes.Add(port => new Mailbox(this, Address with { Port = port }, options ?? MailboxOptions.Default));

    /// <summary>
    /// Events of a name: those that are there, then what happens. See <see cref="NameSubscription"/>; dispose it.
    /// </summary>
    /// <param name="target">The name, or numbers.</param>
    /// <param name="filter">Which events.</param>
    /// <param name="timeout">When it ends; infinite by default.</param>
    public async ValueTask<NameSubscription> SubscribeAsync(MailTarget target, NameFilter filter = NameFilter.Service, TimeSpan? timeout = null)
    {
        await WatchAsync(target, groups: false);
        return Names.Subscribe(target, filter, timeout ?? Timeout.InfiniteTimeSpan);
    }

    /// <summary>Whether somebody is bound to a name, waiting for it as long as is said.</summary>
    public async ValueTask<bool> ServiceExistsAsync(MailTarget target, TimeSpan timeout, CancellationToken cancellation = default)
    {
        using var subscription = await SubscribeAsync(target, NameFilter.Service, timeout);
        return await subscription.ReadAsync(cancellation) is { Kind: NameEventKind.Up };
    }

    /// <summary>How messages get to a mailbox.</summary>
    public MailTransport TransportTo(PortAddress to) => to.IsSameOffice(Address) ? MailTransport.InProcess
        : !_routes.TryGetValue((to.Node, to.Office), out var route) || route.Link is not { } link ? MailTransport.Unknown
        : link.Transport == MailTransport.SameHost && to.Node != Address.Node
            ? route.Distance is MailTransport.Unknown ? MailTransport.Relayed : route.Distance
        : link.Transport;

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        foreach (var box in _boxes.All.ToList())
        {
            box.Dispose();
        }

        if (_uplink is { } uplink)
        {
            await uplink.DisposeAsync();
        }

        await StopLinksAsync();
    }

    internal Mailbox? Find(uint port) => _boxes.Find(port);

    internal void Forget(Mailbox box) => _boxes.Remove(box);

    internal uint NextBinding() => Interlocked.Increment(ref _bindings);

    internal Task WatchAsync(MailTarget target, bool groups) => _uplink?.WatchAsync(target, groups) ?? Task.CompletedTask;

    internal Destination DestinationFor(in MailTarget target)
    {
        if (_destinations.TryGetValue(target, out var known))
        {
            return known;
        }

        if (_destinations.Count >= DestinationsMax)
        {
            _destinations.Clear();
        }

        return _destinations.GetOrAdd(target, wanted => new Destination(this, wanted) { Known = WatchAsync(wanted, groups: false) });
    }

    /// <summary>
    /// Sends a frame whose header has its way. With <see cref="RejectReason.Overload"/> comes where to wait, if waiting
    /// helps.
    /// </summary>
    internal RejectReason Send(ref FrameHeader header, ReadOnlySpan<byte> body, out RoomWaiters? room)
    {
        room = null;
        header.BodyLength = body.Length;
        if (header.To.IsSameOffice(Address))
        {
            return Find(header.To.Port) is { } box ? box.Deliver(header, body, 0, out room) : RejectReason.NoPort;
        }

        var route = RouteTo(header.To);
        var reason = route.Send(ref header, body);
        room = reason == RejectReason.Overload ? route.Room : null;
        if (reason == RejectReason.None && route.Link is null)
        {
            FindWay(route);
        }

        return reason;
    }

    internal Route RouteTo(PortAddress to)
    {
        if (_lastRoute is { } last && last.Node == to.Node && last.Office == to.Office)
        {
            return last;
        }

        if (!_routes.TryGetValue((to.Node, to.Office), out var route))
        {
            route = _routes.GetOrAdd((to.Node, to.Office), key => new Route(Address, key.Item1, key.Item2, Limits));
        }

        return _lastRoute = route;
    }

    internal Route? KnownRoute(PortAddress to) => _routes.GetValueOrDefault((to.Node, to.Office));

    internal async ValueTask BindAsync(NameBinding binding, CancellationToken cancellation)
    {
        if (Names.Add(binding) is { } other)
        {
            throw new MailException(
                LinuxErrno.EADDRINUSE,
                $"{binding.Target} is taken: {other.Target} is {other.Port}'s, and one of the two is exclusive. Choose another, or end its owner.");
        }

        if (_uplink is { } uplink)
        {
            try
            {
                await uplink.BindAsync(binding, cancellation);
            }
            catch
            {
                Names.Remove(binding.Port, binding.Id);
                throw;
            }
        }
    }

    internal void Unbind(NameBinding binding)
    {
        Names.Remove(binding.Port, binding.Id);
        _uplink?.Unbind(binding);
    }

    private void FindWay(Route route)
    {
        if (_uplink is { } uplink)
        {
            uplink.FindWay(route);
        }
        else
        {
            Lose(route, RejectReason.NoPort);
        }
    }
}
