using Pewter.Hosting;
using Pewter.Hosting.Ledger;
using Pewter.NineP;
using Pewter.Networks.Plane;
using Pewter.Networks.Ports;
using Pewter.Networks.Segments;
using Pewter.Networks.Switches;
using Pewter.Store;
using Pewter.Tree;

namespace Pewter.Networks;

/// <summary>
/// All networks of this machine: their making and removal, each intent durable before the act, and how they are found again after a restart. Owns
/// the collection <c>/net</c>. What happens to a network happens in its own queue, or that of its switch.
/// </summary>
internal sealed class NetworkTable : IAsyncDisposable
{
    private readonly CancellationTokenSource _stop = new();
    private readonly ServiceContext _context;
    private readonly NetworkServiceOptions _options;
    private readonly SegmentPlace _place;
    private readonly BridgeWiring _bridges;
    private readonly IPlane _plane;

    public NetworkTable(ServiceContext context, NetworkServiceOptions options, SegmentPlace place, NetworkCounters counters, IPlane plane)
    {
        (_context, _options, _place, _plane) = (context, options, place, plane);
        _bridges = new BridgeWiring(place);
        Nodes = new NodeLookup(context);
        Book = new NetworkBook(counters);
        var last = counters.LastEvent == 0 ? 0 : counters.LastEvent + options.Limits.EventSlack;
        var events = new EventLog(context.Time, EventLog.DefaultCapacity, last);
        Journal = new NetworkJournal(context.Store, () => new NetworkCounters(
            Collection!.LastNumber, Book.LastPort, Ports!.Actions.LastNumber, Switches!.Collection.LastNumber, events.Last));
        Switches = new SwitchTable(context, place, this, counters);
        Ports = new PortTable(this, context, counters);
        Collection = new(NetworkDeclaration.For(this), context.Time, NetworkCommands.OfCollection(this), events);
        Collection.Continue(counters.LastNetwork);
    }

    public Collection<Network> Collection { get; }

    public NetworkBook Book { get; }

    public NetworkJournal Journal { get; }

    public PortTable Ports { get; }

    public SwitchTable Switches { get; }

    public NodeLookup Nodes { get; }

    public SegmentPlace Place => _place;

    public NetworkLimits Limits => _options.Limits;

    public CancellationToken Stopping => _stop.Token;

    /// <summary>What a network's ports are plugged into.</summary>
    public IWiring Wiring(NetworkRecord network) => network.Switch is { } name ? Switches.Wiring(name) : _bridges;

    /// <summary>Where the work on a network's ports happens, one piece after another.</summary>
    public WorkQueue Work(Network network) => network.Record.Switch is { } name ? Switches.Work(name) : network.Work;

    /// <summary>Makes a network, for an open of <c>clone</c>.</summary>
    public async ValueTask<Network> CloneAsync(NewObject wish, CancellationToken cancellation) =>
        await CreateAsync(new NetworkRequest { IsPersistent = false }, wish, show: false, cancellation);

    /// <summary>Makes a network; it is there when this returns.</summary>
    public async Task<Network> CreateAsync(NetworkRequest request, NewObject wish, bool show, CancellationToken cancellation)
    {
        request.Check(wish.Caller);
        var vlan = request.Switch is { } name ? Switches.Claim(name, wish.Caller) : null;
        var network = Book.Add(existing =>
        {
            DemandQuota(existing, wish);
            var record = NetworkPlan.Make(request, wish, existing, _place, _context.Time.GetUtcNow());
            return vlan is null ? record : record with { Vlan = vlan(record, existing) };
        });
        try
        {
            if (show)
            {
                Collection.Add(network.Number, network, request.Name);
            }

            var batch = NetworkJournal.Put(new CommitBatch(), network.Record, null);
            ResourceLedger.Record(batch, _place.Resources(network.Record));
            await Journal.CommitAsync(batch, cancellation);
        }
        catch
        {
            Forget(network);
            throw;
        }

        await Work(network).RunAsync(() => MakeAsync(network));
        return network;
    }

    /// <summary>Removes a network that nothing is in; nothing of it is left when this returns.</summary>
    public async Task RemoveAsync(Network network, string cause)
    {
        Book.Close(network);
        await ChangeAsync(network, record => record with { State = NetworkStates.Removing, Cause = cause });
        await Work(network).RunAsync(() => UnmakeAsync(network));
    }

    /// <summary>Changes what is durable about a network; it is when this returns.</summary>
    public async Task ChangeAsync(Network network, Func<NetworkRecord, NetworkRecord> change)
    {
        var was = network.Record;
        var record = change(was);
        await Journal.CommitAsync(
            NetworkJournal.Put(new CommitBatch(), record, record.State == NetworkStates.Removing ? null : was.State), _stop.Token);
        network.Record = record;
        Collection.Changed(network.Number);
    }

    /// <summary>What time it is for leases.</summary>
    public DateTimeOffset Now => _context.Time.GetUtcNow();

    /// <summary>Binds a name to a network; also over a restart. Names of members follow.</summary>
    public async Task RenameAsync(Network network, string? name)
    {
        var was = network.Record.Name;
        Collection.Rename(network.Number, name);
        try
        {
            await ChangeAsync(network, record => record with { Name = name });
        }
        catch
        {
            Collection.Rename(network.Number, was);
            throw;
        }
    }

    /// <summary>Lets a segment reach one more machine, or no longer; so when this returns.</summary>
    public async Task ReachAsync(Network network, string remote, bool reach)
    {
        await ChangeAsync(network, record => record with
        {
            Remotes = [.. record.Remotes.Where(other => other != remote), .. reach ? new[] { remote } : []],
        });
        await Work(network).RunAsync(async () =>
        {
            if (!reach)
            {
                // Made anew, because the old one has learned who is behind that machine.
                using var stack = Segment.TryOpen(_place, network.Record);
                stack?.Remove(SegmentPlace.Tunnel);
            }

            await Wiring(network.Record).MakeAsync(network.Record, _stop.Token);
        });
    }

    /// <summary>Puts back a network of an earlier life, without doing anything about it yet.</summary>
    public void Restore(NetworkRecord record)
    {
        var network = Book.Add(_ => record);
        Collection.Add(network.Number, network, record.Name, record.IsPersistent);
    }

    /// <summary>Finds out what became of a network while the daemon was away, and goes on from there.</summary>
    public Task RecoverAsync(Network network) => Work(network).RunAsync(() => network.Record.State switch
    {
        // Nobody was told that it was made.
        NetworkStates.Making => UnmakeAsync(network),
        NetworkStates.Removing => UnmakeAsync(network),
        _ => VerifyAsync(network),
    });

    /// <summary>Looks whether what was applied is there, and applies it again when not; the state says how that went.</summary>
    public Task CheckAsync(Network network) => Work(network).RunAsync(() => network.Record.State switch
    {
        NetworkStates.Removing => UnmakeAsync(network),
        NetworkStates.Ready or NetworkStates.Broken => VerifyAsync(network),
        _ => Task.CompletedTask,
    });

    /// <summary>Tells those who serve a segment what it is now.</summary>
    /// <summary>What the segment's server lately did, a line each.</summary>
    public string Log(Network network) => _plane.Log(network.Record);

    public Task ServeAsync(Network network) => _plane.ApplyAsync(network.Record, Book.PortsIn(network.Number), _stop.Token);

    /// <summary>The leases of a network: those of its members, and those of machines that came unannounced.</summary>
    public string Leases(Network network) => string.Concat(Book.PortsIn(network.Number).Select(port =>
        $"address={port.In(network.Number)!.Address} mac={port.Mac} kind=static node={port.Node}\n")) + _plane.Leases(network.Record);

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await Collection.DisposeAsync();
        await Ports.DisposeAsync();
        foreach (var network in Book.Networks)
        {
            await Work(network).RunAsync(() => Task.CompletedTask);
        }

        await Switches.DisposeAsync();
        _stop.Dispose();
    }

    private async Task MakeAsync(Network network)
    {
        try
        {
            await Wiring(network.Record).MakeAsync(network.Record, _stop.Token);
            await ServeAsync(network);
            await ChangeAsync(network, record => record with { State = NetworkStates.Ready });
        }
        catch (Exception failure) when (ServiceFailure.IsExpected(failure) || failure is OperationCanceledException)
        {
            network.Record = network.Record with { State = NetworkStates.Removing, Cause = failure.Message };
            await UnmakeAsync(network);
            throw ServiceFailure.From(failure, $"{network.Record.Label} could not be made");
        }
    }

    private async Task UnmakeAsync(Network network)
    {
        var record = network.Record;
        try
        {
            await _plane.RemoveAsync(record, _stop.Token);
            await Wiring(record).UnmakeAsync(record, _stop.Token);
            var last = record with { State = NetworkStates.Removed };
            var batch = NetworkJournal.Delete(new CommitBatch(), last);
            ResourceLedger.Forget(batch, _place.Resources(record));
            await Journal.CommitAsync(batch, _stop.Token);
            network.Record = last;
            Forget(network);
        }
        catch (Exception failure) when (ServiceFailure.IsExpected(failure))
        {
            // It stays in removal and is tried again by the watch.
            network.Record = record with { State = NetworkStates.Removing, Cause = failure.Message };
            Collection.Changed(network.Number);
            throw ServiceFailure.From(failure, $"{record.Label} could not be removed yet");
        }
    }

    private async Task VerifyAsync(Network network)
    {
        var (record, ports) = (network.Record, Book.PortsIn(network.Number));
        string? failed = null;
        try
        {
            var wiring = Wiring(record);
            if (!await wiring.IsWholeAsync(record, ports, _stop.Token))
            {
                _context.Log.Info("applying again", ("net", record.Id), ("ports", ports.Count));
                await wiring.MakeAsync(record, _stop.Token);
                foreach (var port in ports)
                {
                    await wiring.PlugAsync(port, Networks(port), _stop.Token);
                }
            }

            await ServeAsync(network);
        }
        catch (Exception failure) when (ServiceFailure.IsExpected(failure))
        {
            failed = failure.Message;
        }

        var state = failed is null ? NetworkStates.Ready : NetworkStates.Broken;
        if ((record.State, record.Cause) != (state, failed))
        {
            await ChangeAsync(network, current => current with { State = state, Cause = failed });
        }
    }

    /// <summary>The networks that a port is in.</summary>
    public IReadOnlyList<NetworkRecord> Networks(PortRecord port) =>
        [.. port.Channels.Select(channel => Book.Find(channel.Network)?.Record).OfType<NetworkRecord>()];

    private void DemandQuota(IReadOnlyCollection<NetworkRecord> existing, NewObject wish)
    {
        var own = existing.Count(record => record.Owner.Group == wish.Owner.Group);
        if (existing.Count >= Limits.Networks || (own >= Limits.NetworksOfProject && !wish.Caller.IsAdmin))
        {
            throw new FileException(
                Errno.EDQUOT, $"No more networks: {wish.Owner.Group} has {own} of {Limits.NetworksOfProject}, this machine {existing.Count} "
                    + $"of {Limits.Networks}. Remove some first.");
        }
    }

    private void Forget(Network network)
    {
        Book.Forget(network);
        Collection.Remove(network.Number);
    }
}
