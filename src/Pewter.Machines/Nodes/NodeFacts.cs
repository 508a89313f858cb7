namespace Pewter.Machines.Nodes;

/// <summary>What was last seen of a node: for status and queries, never for decisions that must be right. Immutable.</summary>
public sealed record NodeFacts
{
    /// <summary>Nothing is known yet.</summary>
    public static NodeFacts Unknown { get; } = new();

    /// <summary>Operating system: <c>linux</c>.</summary>
    public string? Os { get; init; }

    /// <summary>Processor architecture as the kernel names it: <c>x86_64</c>.</summary>
    public string? Architecture { get; init; }

    /// <summary>Release of the kernel.</summary>
    public string? Kernel { get; init; }

    /// <summary>CPUs that it may use.</summary>
    public double? Cpus { get; init; }

    /// <summary>Bytes of memory that it may use.</summary>
    public long? MemoryBytes { get; init; }

    /// <summary>Bytes of memory that it uses.</summary>
    public long? UsedBytes { get; init; }

    /// <summary>CPUs that it is using, on average since the last look.</summary>
    public double? Load { get; init; }

    /// <summary>Processes and threads inside.</summary>
    public long? Processes { get; init; }

    /// <summary>CPU time used since it began; <see cref="Load"/> comes from two of these.</summary>
    public TimeSpan? CpuTime { get; init; }

    /// <summary>When it was looked at, on the monotonic clock; null: never.</summary>
    public long? SeenAt { get; init; }
}
