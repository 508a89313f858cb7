namespace Pewter.Networks;

/// <summary>What a network needs to know of a node.</summary>
/// <param name="Id">Its id.</param>
/// <param name="Name">Its name; null: none.</param>
/// <param name="Project">The group that it belongs to; null: not known while the daemon starts.</param>
internal sealed record MemberNode(string Id, string? Name, string? Project);
