using System.Text.Json.Serialization;
using Pewter.Machines.Nodes;
using Pewter.Machines.Vms.Forks;
using Pewter.Tree;

namespace Pewter.Machines.Vms;

/// <summary>A machine that was written down. Immutable.</summary>
internal sealed record Checkpoint
{
    /// <summary>Whose it is: whose the node was.</summary>
    public required Owner Owner { get; init; }

    /// <summary>What the node was.</summary>
    public required NodeSpec Spec { get; init; }

    /// <summary>The machine that fits its state.</summary>
    public required VmShape Shape { get; init; }

    /// <summary>The node.</summary>
    public required string Node { get; init; }

    /// <summary>When it was taken.</summary>
    public required DateTimeOffset Created { get; init; }

    /// <summary>The image that its disk was frozen as; null: it had none.</summary>
    public string? DiskImage { get; init; }
}

/// <summary>How checkpoints are written.</summary>
[JsonSerializable(typeof(Checkpoint))]
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
internal sealed partial class CheckpointJson : JsonSerializerContext;
