using System.Globalization;
using Pewter.Mail;
using Pewter.Messaging.Boxes;
using Pewter.Messaging.Trunks;
using Pewter.NineP;
using Pewter.NineP.Serving;
using Pewter.Tree;

namespace Pewter.Messaging.Names;

/// <summary>
/// <c>/name</c>: an object for each name that is bound, here or on a machine that is joined, and one for each watch that
/// somebody has cloned. Its <c>events</c> tell names coming and going. Told by the hub, in the order of the changes.
/// </summary>
internal sealed class NameList : IAsyncDisposable
{
    private readonly MailHub _hub;
    private readonly Lock _lock = new();
    private readonly Dictionary<(string, PortAddress, uint), long> _numbers = [];

    internal NameList(MailHub hub, TimeProvider time)
    {
        _hub = hub;
        Names = new Collection<NameEntry>(Kind(), time);
    }

    internal Collection<NameEntry> Names { get; }

    /// <summary>Names that are bound.</summary>
    internal int Bound
    {
        get
        {
            lock (_lock)
            {
                return _numbers.Count;
            }
        }
    }

    internal void Observe(string tenant, NameBinding binding, bool isUp)
    {
        var key = (tenant, binding.Port, binding.Id);
        lock (_lock)
        {
            if (!isUp)
            {
                if (_numbers.Remove(key, out var gone))
                {
                    Tell(gone, new NameEvent(NameEventKind.Down, binding.Target, binding.Port));
                    Names.Remove(gone);
                }

                return;
            }

            if (_numbers.ContainsKey(key))
            {
                return;
            }

            var number = Names.Next(Caller.System).Number;
            _numbers[key] = number;
            var office = _hub.Offices.FirstOrDefault(office => office.Address.IsSameOffice(binding.Port));
            Names.Add(number, new BoundName(number, tenant, binding, office.Process, office.IsLocal));
            Tell(number, new NameEvent(NameEventKind.Up, binding.Target, binding.Port));
        }
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var watch in Names.All().Select(target => target.Item).OfType<NameWatch>())
        {
            await watch.StopAsync();
        }

        await Names.DisposeAsync();
    }

    private void Tell(long number, NameEvent happened) => Names.Append(number, happened.Kind.ToString().ToLowerInvariant(), json =>
    {
        json.WriteString("target", happened.Target.ToString());
        if (!happened.Port.IsNone)
        {
            json.WriteString("port", happened.Port.ToString());
        }
    });

    private ObjectKind<NameEntry> Kind() => new()
    {
        Prefix = "b",
        Fields = new Fields<NameEntry>()
            .Text("kind", entry => entry is NameWatch ? "watch" : "name", indexed: true)
            .Text("target", entry => entry is NameWatch watch ? watch.Target?.ToString() : Of(entry)!.Binding.Target.ToString(), indexed: true)
            .Text("service", entry => Of(entry)?.Binding.Target.Name, indexed: true)
            .Int("type", entry => Of(entry)?.Binding.Target.Range?.Type, indexed: true)
            .Int("lower", entry => Of(entry)?.Binding.Target.Range?.Lower)
            .Int("upper", entry => Of(entry)?.Binding.Target.Range?.Upper)
            .Text("scope", entry => Of(entry) is { } name ? name.Binding.Target.Scope == MailScope.Node ? "node" : "cluster" : null)
            .Text("port", entry => Of(entry)?.Binding.Port.ToString(), indexed: true)
            .Text("node", entry => Of(entry)?.Binding.Port.Node.ToString("x", CultureInfo.InvariantCulture), indexed: true)
            .Text("where", entry => Of(entry) is { } name ? name.IsLocal ? "here" : "elsewhere" : null)
            .Text("transport", entry => Of(entry) is { } name ? MailTransports.Word(_hub.DistanceTo(name.Binding.Port)) : null, indexed: true)
            .Int("pid", entry => Of(entry) is { Process: > 0 } name ? name.Process : null)
            .Flag("exclusive", entry => Of(entry) is { Binding.IsExclusive: true })
            .Flag("member", entry => Of(entry) is { Binding.IsGroup: true })
            .Text("tenant", entry => entry.Tenant, indexed: true),
        Owner = entry => entry.Owner,
        Create = (made, _) => new(new NameWatch(made, _hub.NamesOf(made.Owner.Group), happened => Tell(made.Number, happened))),
        Reap = (entry, _) => entry is NameWatch watch ? watch.StopAsync() : ValueTask.CompletedTask,
        Commands = new CommandSet<NameEntry>()
            .Add(
                "watch <target> [each] [timeout=duration]",
                "Tells in events when a name comes and goes: the first mailbox and the last, or with each all of them.",
                (entry, call, _) => Demand(entry).StartAsync(
                    MailFailure.Target(call.Word("target")), call.Has("each") ? NameFilter.Ports : NameFilter.Service,
                    call.Duration("timeout", Timeout.InfiniteTimeSpan))),
        CollectionFiles = [KeyValuePair.Create<string, TreeFile>("trunk", new TrunkFile(_hub))],
    };

    private static BoundName? Of(NameEntry entry) => entry as BoundName;

    private static NameWatch Demand(NameEntry entry) => entry as NameWatch
        ?? throw new FileException(Errno.EPERM, "This is a name that somebody has bound: open clone for a watch of your own.");
}
