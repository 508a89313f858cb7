namespace Pewter.Machines.Nodes;

/// <summary>What a node is to be: checked by its kind, then never changed but for its limits. Immutable.</summary>
public sealed record NodeSpec
{
    /// <summary>The kind: <c>cell</c>.</summary>
    public required string Kind { get; init; }

    /// <summary>CPUs' worth of time; null: all of the machine.</summary>
    public double? Cpus { get; init; }

    /// <summary>Bytes of memory; null: all of the machine.</summary>
    public long? MemoryBytes { get; init; }

    /// <summary>Processes and threads; null: the kind's default.</summary>
    public int? Processes { get; init; }

    /// <summary>The directory that its root is a private copy of; null: the kind's default.</summary>
    public string? Root { get; init; }

    /// <summary>What else its kind was asked for, by the names of the kind's own options.</summary>
    public IReadOnlyDictionary<string, string> Options { get; init; } = new Dictionary<string, string>();
}
