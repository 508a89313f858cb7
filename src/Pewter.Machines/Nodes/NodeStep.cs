using Pewter.Hosting.Ledger;

namespace Pewter.Machines.Nodes;

/// <summary>A step of an allocation. It is in the journal before it is taken, and what came of it after.</summary>
/// <param name="Phase">Its name in <c>boot</c>, in the status and in messages.</param>
/// <param name="Do">Takes it.</param>
/// <param name="Undo">Undoes it, wholly or half done, or not done at all.</param>
public sealed record NodeStep(
    string Phase, Func<NodeWork, CancellationToken, ValueTask> Do, Func<NodeWork, CancellationToken, ValueTask> Undo)
{
    /// <summary>
    /// What it will make in the kernel, as far as the names are known before: recorded in the ledger with the intent.
    /// </summary>
    public Func<NodeRecord, IEnumerable<KernelResource>> Makes { get; init; } = _ => [];

    /// <summary>Whether a node needs the step at all; one that does not is spared its commit too.</summary>
    public Func<NodeRecord, bool> Applies { get; init; } = _ => true;

    /// <summary>
    /// Whether what it made stays when the node is lost or turned off, and goes only with the node itself: a disk, a
    /// place on a network. Such steps come before all others.
    /// </summary>
    public bool Stays { get; init; }

    /// <summary>Whether what it made is the node's content, which goes when the node is built anew.</summary>
    public bool IsContent { get; init; }
}
