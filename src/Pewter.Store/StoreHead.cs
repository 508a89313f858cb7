namespace Pewter.Store;

/// <summary>The store's counters, written with every group in one row.</summary>
/// <param name="Revision">The last revision given to a batch.</param>
/// <param name="EventSequence">The last sequence number given to an event.</param>
/// <param name="EventFloor">The first event that is kept, or the next one when none is.</param>
/// <param name="Term">How often a daemon took the lead; a commit of an older term is refused.</param>
internal readonly record struct StoreHead(long Revision, long EventSequence, long EventFloor, long Term);
