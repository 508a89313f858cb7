namespace Pewter.Distribution.Sending;

/// <summary>Where a node finds what was sent to it.</summary>
/// <param name="Node">The node's directory in the tree here.</param>
/// <param name="Path">The path on the node.</param>
internal sealed record Place(string Node, string Path);
