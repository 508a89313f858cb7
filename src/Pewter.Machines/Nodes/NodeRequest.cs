using Pewter.NineP.Serving;

namespace Pewter.Machines.Nodes;

/// <summary>A wish for nodes, as it was written.</summary>
internal sealed record NodeRequest
{
    public required NodeSpec Spec { get; init; }

    public required Caller Caller { get; init; }

    public int Count { get; init; } = 1;

    public string? Name { get; init; }

    public IReadOnlyList<string> Labels { get; init; } = [];

    public TimeSpan? Lease { get; init; }

    public bool IsPersistent { get; init; } = true;

    /// <summary>The name of the node with this index.</summary>
    public string? NameOf(int index) =>
        Name is null || Count == 1 ? Name : string.Create(System.Globalization.CultureInfo.InvariantCulture, $"{Name}-{index + 1}");
}
