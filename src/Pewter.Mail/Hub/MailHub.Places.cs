using System.Collections.Concurrent;

namespace Pewter.Mail;

// Direct connections: where other hubs take them, whom it is worth to connect to, and which of two is kept.
public sealed partial class MailHub
{
    // A hub that the tree has put out keeps its direct connections for so long at most.
    private static readonly TimeSpan WithdrawnMax = TimeSpan.FromSeconds(30);

    private readonly ConcurrentDictionary<ulong, HubPlace> _places = new();
    private readonly ConcurrentDictionary<ulong, bool> _wanted = new();
    private MailHubPlace? _own;

    /// <summary>Told when a process first writes to a node for which there is no direct connection; must not block.</summary>
    public Action? DirectWanted { get; set; }

    /// <summary>Where hubs that processes here write to take direct connections, and to which there is none.</summary>
    public IReadOnlyList<MailHubPlace> DirectMissing =>
    [
        .. _places.Values.Where(place => place.IsVouched).Select(place => place.Said)
            .Where(said => _wanted.ContainsKey(said.Node) && DirectTo(said.Node) is null),
    ];

    /// <summary>Tells the tree where this hub takes direct connections.</summary>
    public void Announce(MailHubPlace place)
    {
        _own = place;
        TellTrunks(null, trunk => trunk.Tell(place.Node, place.Text));
    }

    /// <summary>The hub of the tree that has a key; null when there is none, or none any more.</summary>
    public MailHubPlace? PlaceOf(string key) => _places.Values.FirstOrDefault(place => place.IsVouched && place.Said.Key == key)?.Said;

    /// <summary>
    /// Makes a connection the direct one to a hub of the tree, until it ends. The caller has made sure who it is. Of
    /// two, that stays which the lower node has dialled.
    /// </summary>
    /// <param name="stream">The connection.</param>
    /// <param name="place">Who is at its other end.</param>
    /// <param name="isDialler">Whether this side has dialled.</param>
    /// <param name="cancellation">Ends it.</param>
    public async Task DirectAsync(Stream stream, MailHubPlace place, bool isDialler, CancellationToken cancellation = default)
    {
        var trunk = new HubTrunk(this, stream, place.Name, TrunkKind.Direct) { Node = place.Node, Dialler = isDialler ? Options.Node : place.Node };
        if (DirectTo(place.Node) is { } other)
        {
            if (other.Dialler < trunk.Dialler)
            {
                await stream.DisposeAsync();
                return;
            }

            await other.CloseAsync();
        }

        await RunAsync(trunk, cancellation);
    }

    /// <summary>A trunk of the tree says where a hub is, or that it is no longer of the tree.</summary>
    internal void LearnPlace(HubTrunk from, ulong node, string text)
    {
        if (from.Kind != TrunkKind.Tree || node == Options.Node)
        {
            return;
        }

        lock (_places)
        {
            var known = _places.GetValueOrDefault(node);
            if (known is { Way: not null } && known.Way != from)
            {
                return;
            }

            if (text.Length == 0)
            {
                Withdraw(known, from);
                return;
            }

            var place = MailHubPlace.Read(node, text) ?? throw new InvalidDataException("A place that is none.");
            _places[node] = new HubPlace(place, from, null);
        }

        TellTrunks(from, trunk => trunk.Tell(node, text));
        if (_wanted.ContainsKey(node))
        {
            DirectWanted?.Invoke();
        }
    }

    /// <summary>Whether the tree has put a hub out, and its time is over.</summary>
    internal bool IsOutcast(ulong node) =>
        _places.GetValueOrDefault(node) is { WithdrawnAt: { } at } && Options.Time.GetElapsedTime(at) > WithdrawnMax;

    private void Want(ulong node)
    {
        if (!_wanted.ContainsKey(node) && _wanted.TryAdd(node, true))
        {
            DirectWanted?.Invoke();
        }
    }

    private HubTrunk? DirectTo(ulong node)
    {
        lock (_lock)
        {
            return _trunks.Find(trunk => trunk.Kind == TrunkKind.Direct && trunk.Node == node);
        }
    }

    private void TellPlaces(HubTrunk trunk)
    {
        if (_own is { } own)
        {
            trunk.Tell(own.Node, own.Text);
        }

        foreach (var place in _places.Values.Where(place => place.Way is not null && place.Way != trunk))
        {
            trunk.Tell(place.Said.Node, place.Said.Text);
        }
    }

    // A child that is gone is no longer of the tree, and this hub says so. Who has lost its parent can ask nobody:
    // direct connections stay as they are.
    private void ForgetPlaces(HubTrunk trunk)
    {
        lock (_places)
        {
            foreach (var (node, place) in _places)
            {
                if (place.Way == trunk)
                {
                    _places[node] = place with { Way = null, WithdrawnAt = trunk.IsUp ? null : Options.Time.GetTimestamp() };
                    if (!trunk.IsUp)
                    {
                        TellTrunks(trunk, other => other.Tell(node, ""));
                    }
                }
            }
        }
    }

    private void Withdraw(HubPlace? known, HubTrunk from)
    {
        if (known is { WithdrawnAt: null })
        {
            _places[known.Said.Node] = known with { Way = null, WithdrawnAt = Options.Time.GetTimestamp() };
            TellTrunks(from, trunk => trunk.Tell(known.Said.Node, ""));
        }
    }

    /// <summary>What is known of where a hub is.</summary>
    /// <param name="Said">What it says.</param>
    /// <param name="Way">The trunk it came by; null when that is gone.</param>
    /// <param name="WithdrawnAt">When the tree said that it is no longer of it.</param>
    private sealed record HubPlace(MailHubPlace Said, HubTrunk? Way, long? WithdrawnAt)
    {
        internal bool IsVouched => WithdrawnAt is null;
    }
}
