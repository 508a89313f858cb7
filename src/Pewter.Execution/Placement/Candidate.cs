namespace Pewter.Execution.Placement;

/// <summary>A node that may have processes, as it was last seen.</summary>
/// <param name="Path">Its directory in the tree: <c>/node/n3</c>, <c>/peer/b/node/n1</c>.</param>
/// <param name="Cpus">CPUs that it may use.</param>
/// <param name="Load">CPUs in use, on average.</param>
/// <param name="FreeBytes">Bytes of memory not in use; null when unknown.</param>
/// <param name="Running">Processes that were placed on it and have not ended.</param>
public sealed record Candidate(string Path, double Cpus, double Load, long? FreeBytes, int Running);
