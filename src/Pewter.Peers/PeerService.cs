using Pewter.Hosting;
using Pewter.Peers.Identity;
using Pewter.Peers.Joining;
using Pewter.Peers.Links;

namespace Pewter.Peers;

/// <summary>
/// Joins daemons into one tree: <c>/peer</c> with the whole tree of each child, unions of their collections at the root, and the link
/// to this daemon's own parent.
/// To be started after the services whose collections it makes unions of.
/// </summary>
public sealed class PeerService : IService
{
    private const string NumberKind = "peer-link";

    private readonly PeerOptions _options;
    private readonly ParentDial _dial;
    private PeerTable? _table;
    private PeerJournal? _journal;
    private ParentLink? _parent;

    /// <summary>Creates the service.</summary>
    /// <param name="options">How to be with peers.</param>
    public PeerService(PeerOptions options)
        : this(options, ParentDialer.DialAsync)
    {
    }

    internal PeerService(PeerOptions options, ParentDial dial) => (_options, _dial) = (options, dial);

    /// <inheritdoc/>
    public string Name => "peer";

    /// <inheritdoc/>
    public async ValueTask StartAsync(ServiceContext context, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(context);
        var identity = await PeerIdentity.OpenAsync(context.Store, cancellation);
        var journal = _journal = new PeerJournal(context);
        var unions = await PeerUnions.CreateAsync(context.Root, _options, context.Time, cancellation);
        _table = new PeerTable(
            new PeerSetting(
                context.MachineName, identity.Id, () => _parent?.Route ?? [], () => context.Store.NextIdAsync(NumberKind, CancellationToken.None),
                unions.Set, unions.Remove, journal.Tell),
            _options, context.Time);
        context.Root.Add("peer", _table.Peers);
        if (_options.Join is { } join)
        {
            _parent = new ParentLink(context, _options, join, identity, _table, _dial);
            if (join.ShowsParent)
            {
                context.Root.Add("parent", _parent.Directory());
            }

            _parent.Start();
        }
    }

    /// <inheritdoc/>
    public IEnumerable<KeyValuePair<string, string>> Status()
    {
        if (_table is { } table)
        {
            var all = table.Peers.All();
            yield return new("peers", FormattableString.Invariant($"{all.Count}"));
            yield return new("up", FormattableString.Invariant($"{all.Count(target => target.Item.News.State == PeerState.Up)}"));
        }

        if (_parent is { } parent)
        {
            yield return new("parent", parent.State);
            yield return new("route", parent.Target);
            if (parent.Error is { } error)
            {
                yield return new("error", error);
            }
        }
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await (_parent?.DisposeAsync() ?? default);
        await (_table?.DisposeAsync() ?? default);
        await (_journal?.DisposeAsync() ?? default);
    }
}
