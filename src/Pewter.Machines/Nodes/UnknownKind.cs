using Pewter.NineP;
using Pewter.NineP.Serving;

namespace Pewter.Machines.Nodes;

/// <summary>Stands for a kind that this daemon was started without: its nodes are shown, and left alone.</summary>
internal sealed class UnknownKind(string name) : INodeKind
{
    public string Name => name;

    public int Parallel => 1;

    public IReadOnlyList<NodeStep> Steps { get; } =
    [
        new("unknown", (_, _) => ValueTask.CompletedTask, (_, _) => throw new FileException(
            Errno.ENODEV, $"this daemon knows no nodes of the kind {name}; start it with what made them.")),
    ];

    public NodeSpec Check(NodeSpec spec, Caller caller) => throw new FileException(Errno.EINVAL, $"There is no kind {name}.");

    public ValueTask<bool> AdoptAsync(NodeWork work, CancellationToken cancellation) => new(true);

    public bool IsAlive(NodeRecord record) => true;

    public string? AgentSocket(NodeRecord record) => null;

    public ValueTask<NodeFacts> DescribeAsync(Node node, CancellationToken cancellation) => new(NodeFacts.Unknown);
}
