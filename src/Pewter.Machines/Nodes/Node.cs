using Pewter.Hosting;
using Pewter.Machines.Nodes.Agents;

namespace Pewter.Machines.Nodes;

/// <summary>
/// A node that is there. Its record and facts are snapshots that may be read at any time; they are replaced by the
/// node's own work, one piece after another.
/// </summary>
public sealed class Node
{
    /// <summary>What ids begin with.</summary>
    public const string Prefix = "n";

    private volatile NodeRecord _record;
    private volatile NodeFacts _facts = NodeFacts.Unknown;

    internal Node(NodeRecord record, INodeKind kind, TimeProvider time)
    {
        (_record, Kind, Log) = (record, kind, new NodeLog(time));
        Agent = new AgentLink(
            $"/node/{record.Id}", () => Record.State == NodeStates.Ready ? kind.AgentSocket(Record) : null, kind.HasPort, kind.Patience, time);
    }

    /// <summary>What is durable about it.</summary>
    public NodeRecord Record
    {
        get => _record;
        internal set => _record = value;
    }

    /// <summary>What was last seen of it.</summary>
    public NodeFacts Facts
    {
        get => _facts;
        internal set => _facts = value;
    }

    /// <summary>The number.</summary>
    public long Number => _record.Number;

    /// <summary>The id: <c>n12</c>.</summary>
    public string Id => _record.Id;

    /// <summary>How it is made and unmade.</summary>
    public INodeKind Kind { get; }

    internal AgentLink Agent { get; }

    internal NodeLog Log { get; }

    internal WorkQueue Work { get; } = new();

    /// <summary>
    /// How it comes to be when it is not made from nothing: something that its kind alone understands, and that a
    /// restart forgets.
    /// </summary>
    internal object? Origin { get; init; }

    /// <summary>Ends the allocation that is under way.</summary>
    internal CancellationTokenSource AllocationEnd { get; } = new();
}
