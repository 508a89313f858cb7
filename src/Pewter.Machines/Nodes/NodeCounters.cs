namespace Pewter.Machines.Nodes;

/// <summary>Numbers that go on over restarts.</summary>
/// <param name="LastNode">The number of the last node ever asked for.</param>
/// <param name="LastEvent">The number of about the last event of <c>/node/events</c>.</param>
internal sealed record NodeCounters(long LastNode, long LastEvent);
