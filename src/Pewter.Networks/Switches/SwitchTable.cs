using System.Globalization;
using System.Text;
using Pewter.Hosting;
using Pewter.Hosting.Ledger;
using Pewter.NineP;
using Pewter.NineP.Serving;
using Pewter.Networks.Segments;
using Pewter.Store;
using Pewter.Tree;

namespace Pewter.Networks.Switches;

/// <summary>The switches that networks can be of. Owns the collection <c>/net/switch</c>; administrators make and remove them.</summary>
internal sealed class SwitchTable : IAsyncDisposable
{
    private readonly ServiceContext _context;
    private readonly SegmentPlace _place;
    private readonly NetworkTable _table;

    public SwitchTable(ServiceContext context, SegmentPlace place, NetworkTable table, NetworkCounters counters)
    {
        (_context, _place, _table) = (context, place, table);
        Collection = new(Declare(), context.Time, Commands());
        Collection.Continue(counters.LastSwitch);
    }

    public Collection<Switch> Collection { get; }

    private IEnumerable<Switch> All => Collection.All().Select(target => target.Item);

    public OvsWiring Wiring(string name) => Find(name).Wiring;

    public WorkQueue Work(string name) => Find(name).Work;

    /// <summary>Decides which VLAN a new network of a switch gets.</summary>
    /// <exception cref="FileException">ENOENT: there is no such switch. EPERM: only an administrator names a VLAN.</exception>
    public Func<NetworkRecord, IReadOnlyCollection<NetworkRecord>, int> Claim(string name, Caller caller)
    {
        var record = Find(name).Record;
        return (network, existing) =>
        {
            var taken = existing.Where(other => other.Switch == name).ToDictionary(other => other.Vlan ?? 0, other => other.Label);
            if (network.Vlan is not { } asked)
            {
                var pool = VlanPool.Parse(record.Vlans);
                return pool.Free(taken.Keys.ToHashSet()) ?? throw new FileException(
                    Errno.ENOSPC,
                    string.Create(CultureInfo.InvariantCulture, $"No more networks: all {pool.Count} VLANs of {name} ({record.Vlans}) are taken."));
            }

            if (!caller.IsAdmin)
            {
                throw new FileException(Errno.EPERM, "Only an administrator may name a VLAN; leave it out for a free one.");
            }

            return taken.TryGetValue(asked, out var other)
                ? throw new FileException(
                    Errno.EEXIST, string.Create(CultureInfo.InvariantCulture, $"VLAN {asked} of {name} is that of {other} already."))
                : asked;
        };
    }

    /// <summary>Puts back a switch of an earlier life, and starts what does not live.</summary>
    public Task RestoreAsync(SwitchRecord record)
    {
        var item = Make(record);
        Collection.Add(record.Number, item, record.Name);
        return CheckAsync(item);
    }

    /// <summary>Looks whether the switches live, starts them again when not, and takes away what was forced off meanwhile.</summary>
    public Task CheckAsync() => Task.WhenAll(All.Select(CheckAsync));

    /// <inheritdoc/>
    public ValueTask DisposeAsync() => Collection.DisposeAsync();

    private Task CheckAsync(Switch item) => item.Work.RunAsync(async () =>
    {
        string? failed = null;
        try
        {
            await item.Process.EnsureAsync(_table.Stopping);
            await item.Wiring.SweepAsync(Expected(item.Record.Name), _table.Stopping);
        }
        catch (Exception failure) when (ServiceFailure.IsExpected(failure))
        {
            failed = failure.Message;
        }

        if (failed != item.Record.Cause || item.Record.State == SwitchRecord.Making)
        {
            item.Record = item.Record with { State = failed is null ? SwitchRecord.Ready : SwitchRecord.Broken, Cause = failed };
            Collection.Changed(item.Record.Number);
        }
    });

    private HashSet<string> Expected(string name) =>
    [
        .. _table.Book.Networks.Where(network => network.Record.Switch == name).Select(network => OvsWiring.PlugOf(network.Record)),
        .. _table.Book.Ports.Where(port => port.Switch == name).Select(port => port.Plug),
    ];

    private async Task<Switch> AddAsync(CommandCall call, CancellationToken cancellation)
    {
        var (name, vlans) = (call.Word("name"), call.Word("vlans", "100-199")!);
        _ = VlanPool.Parse(vlans);
        var (number, _, owner, _) = Collection.Next(call.Caller);
        var item = Make(new SwitchRecord
        {
            Number = number, Owner = owner, Name = name, Driver = "ovs", Vlans = vlans, Created = _context.Time.GetUtcNow(),
        });
        Collection.Add(number, item, name);
        try
        {
            var batch = NetworkJournal.Put(new CommitBatch(), item.Record);
            ResourceLedger.Record(batch, item.Process.Resources);
            await _table.Journal.CommitAsync(batch, cancellation);
            await item.Work.RunAsync(() => item.Process.EnsureAsync(_table.Stopping));
            item.Record = item.Record with { State = SwitchRecord.Ready };
            await _table.Journal.CommitAsync(NetworkJournal.Put(new CommitBatch(), item.Record), _table.Stopping);
            Collection.Changed(number);
            return item;
        }
        catch (Exception failure) when (ServiceFailure.IsExpected(failure))
        {
            await EndAsync(item);
            throw ServiceFailure.From(failure, $"the switch {name} could not be made");
        }
    }

    private async Task RemoveAsync(Switch item)
    {
        var used = _table.Book.Networks.Where(network => network.Record.Switch == item.Record.Name).Select(network => network.Record.Label).ToList();
        if (used.Count > 0)
        {
            throw new FileException(Errno.EBUSY, $"{item.Record.Name} is in use by the networks {string.Join(", ", used)}: remove them first.");
        }

        await EndAsync(item);
    }

    private async Task EndAsync(Switch item)
    {
        await item.Work.RunAsync(() => item.Process.EndAsync(_table.Stopping));
        var batch = NetworkJournal.Delete(new CommitBatch(), item.Record);
        ResourceLedger.Forget(batch, item.Process.Resources);
        await _table.Journal.CommitAsync(batch, _table.Stopping);
        Collection.Remove(item.Record.Number);
    }

    private Switch Make(SwitchRecord record)
    {
        var process = new OvsProcess(_context, _place, record);
        return new Switch(record, process, new OvsWiring(process, _place));
    }

    private Switch Find(string name) => Collection.Find(name)?.Item ?? throw new FileException(
        Errno.ENOENT,
        $"There is no switch '{name}'{(Collection.Count == 0 ? "" : $", only {string.Join(", ", All.Select(item => item.Record.Name))}")}.");

    private CommandSet<Collection<Switch>> Commands() => new CommandSet<Collection<Switch>>()
        .Add("add <name> [vlans=word]", "Makes an Open vSwitch of this daemon's own.", async (_, call, cancellation) =>
        {
            var item = await AddAsync(call, cancellation);
            return CommandResult.Each([($"/net/switch/{item.Record.Id}", CommandResult.Json(json =>
            {
                json.WriteString("id", item.Record.Id);
                json.WriteString("name", item.Record.Name);
                json.WriteString("state", item.Record.State);
                json.WriteString("vlans", item.Record.Vlans);
            }))]);
        });

    private ObjectKind<Switch> Declare() => new()
    {
        Prefix = SwitchRecord.Prefix,
        Mode = UnixMode.Octal(755),
        Owner = item => item.Record.Owner,
        States = new(item => item.Record.State, [SwitchRecord.Making, SwitchRecord.Ready, SwitchRecord.Broken], []),
        Fields = new Fields<Switch>()
            .Text("driver", item => item.Record.Driver)
            .Text("vlans", item => item.Record.Vlans)
            .Int("ports", item => _table.Book.Ports.Count(port => port.Switch == item.Record.Name))
            .Text("netns", item => item.Process.NamespacePath)
            .Text("cause", item => item.Record.Cause)
            .Time("created", item => item.Record.Created),
        Commands = new CommandSet<Switch>()
            .Add("rm", "Ends the switch; refused while a network is of it.", (item, _, _) => new ValueTask(RemoveAsync(item))),

        // Which node is at which port is for administrators only: users see the ports of their own networks there.
        Files = (directory, item) => directory.Add("ports", new TextFile(() => Ports(item)) { Mode = UnixMode.Octal(440) }),
    };

    private string Ports(Switch item)
    {
        var text = new StringBuilder();
        foreach (var port in _table.Book.Ports.Where(port => port.Switch == item.Record.Name))
        {
            var channels = port.Channels.Select(channel => $"{channel.Channel}={_table.Book.Find(channel.Network)?.Record.Label}");
            text.Append(CultureInfo.InvariantCulture, $"port={port.Plug} nic={port.Key} mac={port.Mac} {string.Join(' ', channels)}\n");
        }

        return text.ToString();
    }
}
