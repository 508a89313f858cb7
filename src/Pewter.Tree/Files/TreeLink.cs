namespace Pewter.Tree;

/// <summary>A link of a <see cref="LinksDirectory"/>.</summary>
/// <param name="Name">Its name there.</param>
/// <param name="Number">The number of what it leads to: the order of a listing, never used again.</param>
/// <param name="Target">Where it leads, relative to its directory.</param>
/// <param name="Owner">Who it belongs to.</param>
public readonly record struct TreeLink(string Name, long Number, string Target, Owner Owner);
