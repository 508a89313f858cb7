using Pewter.NineP;

namespace Pewter.Tree;

/// <summary>One entry of a directory.</summary>
/// <param name="Qid">Its qid.</param>
/// <param name="Cookie">Where a listing goes on after it.</param>
/// <param name="Name">Its name.</param>
public readonly record struct TreeEntry(Qid Qid, ulong Cookie, string Name);
