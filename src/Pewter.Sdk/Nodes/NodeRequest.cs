namespace Pewter.Sdk;

/// <summary>Which nodes to allocate. Immutable.</summary>
public sealed record NodeRequest
{
    /// <summary>How many; all or none are allocated.</summary>
    public int Count { get; init; } = 1;

    /// <summary>The kind.</summary>
    public string Kind { get; init; } = "cell";

    /// <summary>A name to bind to it; null: none.</summary>
    public string? Name { get; init; }

    /// <summary>CPUs' worth of time of each; null: as many as there are.</summary>
    public double? Cpus { get; init; }

    /// <summary>Bytes of memory of each; null: as much as there is.</summary>
    public long? MemoryBytes { get; init; }

    /// <summary>Processes of each; null: the kind's default.</summary>
    public int? Processes { get; init; }

    /// <summary>After this time they are released by themselves; null: never.</summary>
    public TimeSpan? Lease { get; init; }

    /// <summary>Words, or <c>key=value</c>, that queries find them by.</summary>
    public IReadOnlyList<string> Labels { get; init; } = [];

    /// <summary>Options of the kind, such as <c>root=/srv/root</c>.</summary>
    public IReadOnlyList<string> Options { get; init; } = [];
}
