using Pewter.Linux.Mounts;

namespace Pewter.Linux.Spawning;

/// <summary>One mount that a child makes in its new mount namespace.</summary>
/// <param name="Source">What is mounted.</param>
/// <param name="Target">Where.</param>
/// <param name="Type">The filesystem type; null for a bind.</param>
/// <param name="Flags">Flags.</param>
/// <param name="Options">The type's own options.</param>
public sealed record SpawnMount(string Source, string Target, string? Type, MountFlags Flags, string? Options = null);
