namespace Pewter.Linux.Spawning;

/// <summary>The caller's descriptor <paramref name="Source"/> becomes the child's <paramref name="Target"/>.</summary>
public readonly record struct DescriptorMapping(int Source, int Target);
