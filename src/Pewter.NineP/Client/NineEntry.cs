namespace Pewter.NineP.Client;

/// <summary>An entry of a directory on a server.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Qid">Its qid.</param>
/// <param name="Cookie">Reading on after this entry starts here; 0 in 9P2000, which has no such thing.</param>
public readonly record struct NineEntry(string Name, Qid Qid, ulong Cookie);
