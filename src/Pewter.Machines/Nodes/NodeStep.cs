using Pewter.Hosting.Ledger;

namespace Pewter.Machines.Nodes;

/// <summary>A step of an allocation. It is in the journal before it is taken, and what came of it after.</summary>
/// <param name="Phase">Its name in <c>boot</c>, in the status and in messages.</param>
/// <param name="Do">Takes it.</param>
/// <param name="Undo">Undoes it, wholly or half done, or not done at all.</param>
public sealed record NodeStep(
    string Phase, Func<NodeWork, CancellationToken, ValueTask> Do, Func<NodeWork, CancellationToken, ValueTask> Undo)
{
    /// <summary>What it will make in the kernel, as far as the names are known before: recorded in the ledger with the intent.</summary>
    public Func<NodeRecord, IEnumerable<KernelResource>> Makes { get; init; } = _ => [];
}
