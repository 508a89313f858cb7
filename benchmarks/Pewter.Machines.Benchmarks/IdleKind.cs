using Pewter.Machines.Nodes;
using Pewter.NineP.Serving;

namespace Pewter.Machines.Benchmarks;

/// <summary>Nodes that are nothing but a record: for what a list of many costs.</summary>
internal sealed class IdleKind : INodeKind
{
    public string Name => "idle";

    public int Parallel => 64;

    public IReadOnlyList<NodeStep> Steps { get; } = [new("idle", (_, _) => default, (_, _) => default)];

    public NodeSpec Check(NodeSpec spec, Caller caller) => spec;

    public ValueTask<bool> AdoptAsync(NodeWork work, CancellationToken cancellation) => new(true);

    public bool IsAlive(NodeRecord record) => true;

    public string? AgentSocket(NodeRecord record) => null;

    public ValueTask<NodeFacts> DescribeAsync(Node node, CancellationToken cancellation) =>
        new(new NodeFacts { Os = "linux", Architecture = "x86_64", Cpus = 1, MemoryBytes = 1 << 27, Load = 0.1, Processes = 40 });
}
