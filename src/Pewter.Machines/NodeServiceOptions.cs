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

    /// <summary>
    /// Makes, from the agent's program, the guest that virtual machines start when no image is named and none is there;
    /// null: there is none.
    /// </summary>
    public Func<string, CancellationToken, ValueTask<Vms.GuestImage>>? BuiltInGuest { get; init; }

    /// <summary>
    /// How long a machine that boots may say nothing, by its console or its agent, before it is given up. 30 s: the
    /// longest silence of a boot that went well, on a crowded machine without hardware virtualisation, was 12 s.
    /// </summary>
    public TimeSpan BootSilence { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>Kinds beyond host, cell and vm.</summary>
    public IReadOnlyList<INodeKind> MoreKinds { get; init; } = [];
}
