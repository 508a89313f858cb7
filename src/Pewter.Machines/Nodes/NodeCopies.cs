using Pewter.NineP;
using Pewter.NineP.Serving;

namespace Pewter.Machines.Nodes;

/// <summary>Nodes that begin as copies: forks of one that runs, and those that go on from a checkpoint.</summary>
internal sealed class NodeCopies(NodeFleet fleet, IReadOnlyList<INodeKind> kinds)
{
    /// <summary>
    /// Makes copies of a running node: all that were asked for, or none. Returns when they are ready.
    /// </summary>
    /// <exception cref="FileException">EOPNOTSUPP: its kind cannot be copied. EBUSY: it does not run.</exception>
    public async ValueTask<IReadOnlyList<Node>> ForkAsync(Node parent, NodeRequest request, CancellationToken cancellation)
    {
        var kind = parent.Kind as IForksNodes
            ?? throw new FileException(Errno.EOPNOTSUPP, $"{parent.Id} is a {parent.Kind.Name}, which cannot be forked.");
        NodePower.Demand(parent, NodeStates.Ready);
        fleet.DemandRoom(request);
        await using var fork = kind.BeginFork(parent, request.Count, Exclusive(parent), cancellation);
        return await fleet.AllocateFromAsync(request, fork, cancellation);
    }

    /// <summary>Writes a running node down.</summary>
    public ValueTask CheckpointAsync(Node node, string name, CancellationToken cancellation)
    {
        var kind = node.Kind as ICheckpointsNodes
            ?? throw new FileException(Errno.EOPNOTSUPP, $"{node.Id} is a {node.Kind.Name}, which has no checkpoints.");
        NodePower.Demand(node, NodeStates.Ready);
        return kind.CheckpointAsync(node, name, Exclusive(node), cancellation);
    }

    /// <summary>Makes nodes that go on from a checkpoint, all or none.</summary>
    public async ValueTask<IReadOnlyList<Node>> RestoreAsync(string checkpoint, NodeRequest request, CancellationToken cancellation)
    {
        var (spec, origin) = Kind().OpenCheckpoint(checkpoint, request.Caller);
        await using (origin)
        {
            return await fleet.AllocateFromAsync(request with { Spec = spec }, origin, cancellation);
        }
    }

    /// <summary>Removes a checkpoint.</summary>
    public ValueTask ForgetAsync(string checkpoint, Caller caller, CancellationToken cancellation) =>
        Kind().ForgetAsync(checkpoint, caller, cancellation);

    /// <summary>A line for each checkpoint that a caller may use.</summary>
    public IEnumerable<string> Checkpoints(Caller caller) => kinds.OfType<ICheckpointsNodes>().SelectMany(kind => kind.Checkpoints(caller));

    private ICheckpointsNodes Kind() => kinds.OfType<ICheckpointsNodes>().FirstOrDefault()
        ?? throw new FileException(Errno.EOPNOTSUPP, "No kind of node here has checkpoints.");

    private Func<Func<Task>, Task> Exclusive(Node node) => work => fleet.Tracked(node.Work.RunAsync(work));
}
