using Pewter.Machines.Nodes;

namespace Pewter.Machines;

/// <summary>How a machine's nodes are served.</summary>
public sealed record NodeServiceOptions
{
    /// <summary>The agent's program; null: <c>pewter-node</c> beside this program, or what <c>PATH</c> has.</summary>
    public string? AgentPath { get; init; }

    /// <summary>Whether this machine itself is a node.</summary>
    public bool HasHost { get; init; } = true;

    /// <summary>The name of this machine's node.</summary>
    public string? HostName { get; init; } = "host";

    /// <summary>What an open of <c>/node/clone</c> makes.</summary>
    public string CloneKind { get; init; } = "cell";

    /// <summary>Limits other than the defaults.</summary>
    public NodeLimits Limits { get; init; } = new();

    /// <summary>Kinds beyond host and cell.</summary>
    public IReadOnlyList<INodeKind> MoreKinds { get; init; } = [];
}
