namespace Pewter.Execution.Placement;

/// <summary>What is to be placed.</summary>
/// <param name="Count">Processes.</param>
/// <param name="Mode">How to lay them out.</param>
/// <param name="BytesEach">Bytes of memory that each is limited to; null: not limited, so not counted.</param>
/// <param name="Near">Paths of nodes that are to be preferred, because what it works with is there.</param>
public sealed record PlacementRequest(int Count, PlacementMode Mode, long? BytesEach = null, IReadOnlyCollection<string>? Near = null);
