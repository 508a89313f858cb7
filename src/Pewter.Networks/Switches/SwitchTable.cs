using Pewter.Hosting;
using Pewter.NineP;
using Pewter.NineP.Serving;
using Pewter.Networks.Segments;
using Pewter.Tree;

namespace Pewter.Networks.Switches;

/// <summary>The switches that networks can be of.</summary>
internal sealed class SwitchTable : IAsyncDisposable
{
    public SwitchTable(ServiceContext context, SegmentPlace place, NetworkJournal journal, NetworkCounters counters)
    {
        _ = (place, journal);
        Collection = new(new ObjectKind<SwitchRecord> { Prefix = SwitchRecord.Prefix,
            Fields = new Fields<SwitchRecord>().Text("driver", record => record.Driver) }, context.Time);
        Collection.Continue(counters.LastSwitch);
    }

    public Collection<SwitchRecord> Collection { get; }

    public IWiring Wiring(string name) => throw Unknown(name);

    public WorkQueue Work(string name) => throw Unknown(name);

    public Func<NetworkRecord, IReadOnlyCollection<NetworkRecord>, int>? Claim(string name, Caller caller) => throw Unknown(name);

    public ValueTask DisposeAsync() => Collection.DisposeAsync();

    private FileException Unknown(string name) => new(Errno.ENOENT, $"There is no switch '{name}' among the {Collection.Count} there are.");
}
