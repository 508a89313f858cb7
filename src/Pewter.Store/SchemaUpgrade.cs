namespace Pewter.Store;

/// <summary>One step that brings a service's stored state from one schema to the next.</summary>
/// <param name="Number">The schema that it leads to: 1, 2, 3 … in order.</param>
/// <param name="Apply">Reads what there is and adds to the batch what becomes of it. The batch and the new number are committed as
/// one.</param>
public sealed record SchemaUpgrade(int Number, Func<StateStore, CommitBatch, CancellationToken, ValueTask> Apply);
