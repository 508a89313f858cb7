namespace Pewter.Store;

/// <summary>The right to commit. On SQLite it comes with the state directory; on PostgreSQL one daemon of several has it.</summary>
/// <param name="Term">Grows each time a daemon takes the lead; every commit is fenced by it, so a deposed leader cannot write.</param>
/// <param name="Lost">
/// Fires when this daemon can commit no more: deposed, cut off, or the disk broke. Its state must be taken as stale; end, or lead
/// again and replay.
/// </param>
public sealed record Leadership(long Term, CancellationToken Lost);
