using Pewter.Linux.Confinement;

namespace Pewter.Node.Processes;

/// <summary>How an agent runs processes.</summary>
public sealed record SupervisorOptions
{
    /// <summary>Where the journal and spools are; one agent a directory.</summary>
    public required string StateDirectory { get; init; }

    /// <summary>The agent's cgroup below every hierarchy's root; null: use no cgroups.</summary>
    public string? CgroupName { get; init; }

    /// <summary>How long output may outlast its process before it is cut off: long enough for a pipeline to flush.</summary>
    public TimeSpan DrainTimeout { get; init; } = TimeSpan.FromSeconds(2);

    /// <summary>Memory and spool a stream.</summary>
    public OutputLimits Output { get; init; } = new();

    /// <summary>Exit records kept over a restart of the agent; the oldest go first.</summary>
    public int RetainedRecords { get; init; } = 10_000;

    /// <summary>Capabilities that programs may have; null: the agent's.</summary>
    public CapabilitySet? Capabilities { get; init; }

    /// <summary>System calls that programs may not make; null: none. Also refuses new privileges.</summary>
    public SeccompFilter? Filter { get; init; }

    /// <summary>Where the guardian writes how orphans ended; null: there is none.</summary>
    public string? OrphanRecords { get; init; }
}
