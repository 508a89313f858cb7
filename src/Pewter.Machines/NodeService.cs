using System.Globalization;
using Pewter.Hosting;
using Pewter.Machines.Nodes;
using Pewter.Machines.Nodes.Kinds;
using Pewter.Machines.Vms;
using Pewter.NineP.Serving;

namespace Pewter.Machines;

/// <summary>
/// The nodes of this machine, behind <c>/node</c>: its host, which is always there, and those that are allocated. They
/// outlive the daemon; a start finds them again by the journal.
/// </summary>
public sealed class NodeService : IService
{
    private readonly NodeServiceOptions _options;
    private IReadOnlyList<INodeKind> _kinds = [];
    private NodeFleet? _fleet;
    private Task _watching = Task.CompletedTask;

    /// <summary>Creates the service.</summary>
    public NodeService(NodeServiceOptions? options = null) => _options = options ?? new NodeServiceOptions();

    /// <inheritdoc/>
    public string Name => "node";

    /// <inheritdoc/>
    public async ValueTask StartAsync(ServiceContext context, CancellationToken cancellation)
    {
        var place = NodePlace.For(context, _options);
        _kinds = [new HostKind(place), new CellKind(place), new VmKind(new VmPlace(place, context, _options)), .. _options.MoreKinds];
        foreach (var kind in _kinds)
        {
            await kind.StartAsync(cancellation);
        }

        var (counters, records) = await NodeJournal.LoadAsync(context.Store, cancellation);
        var last = records.Count == 0 ? counters.LastNode : Math.Max(counters.LastNode, records[^1].Number);
        _fleet = new NodeFleet(context, _kinds, _options, counters with { LastNode = last });
        var restored = records.Select(_fleet.Restore).ToList();
        await Task.WhenAll(restored.Select(_fleet.RecoverAsync));
        if (_options.HasHost && !_fleet.Nodes.Any(node => node.Kind is HostKind))
        {
            await _fleet.AllocateHostAsync(
                new NodeRequest { Spec = new NodeSpec { Kind = HostKind.KindName }, Caller = Caller.System, Name = _options.HostName }, cancellation);
        }

        foreach (var node in _fleet.Nodes.Where(node => node.Record.State == NodeStates.Ready))
        {
            await _fleet.DescribeAsync(node);
        }

        _watching = new NodeWatch(_fleet, context.Time).RunAsync();
        context.Root.Add("node", _fleet.Collection);
    }

    /// <inheritdoc/>
    public IEnumerable<KeyValuePair<string, string>> Status() => (_fleet?.Nodes ?? [])
        .CountBy(node => node.Record.State)
        .Select(pair => KeyValuePair.Create(pair.Key, pair.Value.ToString(CultureInfo.InvariantCulture)));

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        if (_fleet is not null)
        {
            await _fleet.DisposeAsync();
        }

        await _watching;
        foreach (var kind in _kinds)
        {
            await ((kind as IAsyncDisposable)?.DisposeAsync() ?? ValueTask.CompletedTask);
            (kind as IDisposable)?.Dispose();
        }
    }
}
