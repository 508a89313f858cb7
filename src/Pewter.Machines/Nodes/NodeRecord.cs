using Pewter.Hosting.Ledger;
using Pewter.Tree;

namespace Pewter.Machines.Nodes;

/// <summary>
/// All that must not be forgotten about a node: the journal holds the last one of each. Immutable; a change is a new
/// one.
/// </summary>
public sealed record NodeRecord
{
    /// <summary>Its number, never given again.</summary>
    public required long Number { get; init; }

    /// <summary>Who it belongs to.</summary>
    public required Owner Owner { get; init; }

    /// <summary>What it is to be.</summary>
    public required NodeSpec Spec { get; init; }

    /// <summary>When it was asked for.</summary>
    public required DateTimeOffset Created { get; init; }

    /// <summary>One of <see cref="NodeStates"/>.</summary>
    public string State { get; init; } = NodeStates.Allocating;

    /// <summary>The step under way, or the last one taken.</summary>
    public int Step { get; init; }

    /// <summary>The name of the step under way, or of the one that failed.</summary>
    public string? Phase { get; init; }

    /// <summary>Why it is lost, in error or released.</summary>
    public string? Cause { get; init; }

    /// <summary>The name that is bound to it.</summary>
    public string? Name { get; init; }

    /// <summary>Words to find it by.</summary>
    public IReadOnlyList<string> Labels { get; init; } = [];

    /// <summary>When it is released unless the lease is renewed; null: never.</summary>
    public DateTimeOffset? LeaseEnd { get; init; }

    /// <summary>False when it lives as long as a fid on it does.</summary>
    public bool IsPersistent { get; init; } = true;

    /// <summary>
    /// Whether whoever asked for it was told that it will be. If so an interrupted allocation goes on after a restart,
    /// else it is undone.
    /// </summary>
    public bool IsAccepted { get; init; }

    /// <summary>
    /// Whether it has been ready once. If so a start that fails leaves it lost, with what stays, and does not undo it.
    /// </summary>
    public bool WasReady { get; init; }

    /// <summary>What its kind needs to find it again, such as the number of a process.</summary>
    public IReadOnlyDictionary<string, string> Handle { get; init; } = new Dictionary<string, string>();

    /// <summary>What it may have in the kernel; the same stands in the ledger.</summary>
    public IReadOnlyList<KernelResource> Resources { get; init; } = [];

    /// <summary>The phases of its allocation.</summary>
    public IReadOnlyList<NodePhase> Timeline { get; init; } = [];

    /// <summary>Its id: <c>n12</c>.</summary>
    [System.Text.Json.Serialization.JsonIgnore]
    public string Id => string.Create(System.Globalization.CultureInfo.InvariantCulture, $"{Node.Prefix}{Number}");
}
