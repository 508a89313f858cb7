namespace Pewter.Networks;

/// <summary>Numbers that go on over restarts.</summary>
internal sealed record NetworkCounters(long LastNetwork, long LastPort, long LastAction, long LastSwitch, long LastEvent);
