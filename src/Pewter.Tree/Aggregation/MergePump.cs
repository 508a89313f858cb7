namespace Pewter.Tree;

/// <summary>What the pump of one member of a merge is given.</summary>
/// <param name="Written">What was written to the fid; null for nothing.</param>
/// <param name="Add">Passes a line on; waits while the reader is behind.</param>
/// <param name="Subscribed">To be called when nothing that happens from now on is missed.</param>
/// <param name="Stop">Ends the pump.</param>
internal sealed record MergePump(string? Written, Func<string, ValueTask> Add, Action Subscribed, CancellationToken Stop);
