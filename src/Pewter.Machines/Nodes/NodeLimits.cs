namespace Pewter.Machines.Nodes;

/// <summary>What the node service allows and how often it looks.</summary>
public sealed record NodeLimits
{
    /// <summary>
    /// Nodes of one user, administrators excepted. 256: an idle cell takes some 3 MB, and one user shall not take a gigabyte by that.
    /// </summary>
    public int NodesOfUser { get; init; } = 256;

    /// <summary>Nodes in all. 4,096: 12 GB of idle cells, the largest machine that one daemon was meant for.</summary>
    public int Nodes { get; init; } = 4096;

    /// <summary>Bytes of memory that one user's nodes may be limited to together; null: no bound.</summary>
    public long? MemoryOfUser { get; init; }

    /// <summary>Labels of one node: enough to find it by, few enough to index.</summary>
    public int Labels { get; init; } = 32;

    /// <summary>How often it is looked whether agents live. 1 s: a dead one is known within the 2 s that readers are promised.</summary>
    public TimeSpan Watch { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>How old facts may be before they are looked up again in passing.</summary>
    public TimeSpan FactsAge { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>How long to wait before a failed release is tried again.</summary>
    public TimeSpan RetryDelay { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>Events of <c>/node/events</c> that are skipped at a restart, at least as many as one commit lags behind.</summary>
    public int EventSlack { get; init; } = 1000;
}
