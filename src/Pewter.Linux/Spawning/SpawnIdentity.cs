namespace Pewter.Linux.Spawning;

/// <summary>The user, group and supplementary groups of a child.</summary>
public sealed record SpawnIdentity(uint User, uint Group, IReadOnlyList<uint> Groups);
