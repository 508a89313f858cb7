namespace Pewter.NineP.Serving;

/// <summary>One reply's worth of directory entries, in the form the asking door needs. Used by one request at a time.</summary>
public abstract class DirectoryPage
{
    /// <summary>Adds an entry whole, or returns false when it does not fit, after which nothing more is added.</summary>
    /// <param name="qid">The entry's qid.</param>
    /// <param name="cookie">Greater than every cookie before it and never 0; reading on starts after it.</param>
    /// <param name="name">The entry's name.</param>
    public abstract bool TryAdd(Qid qid, ulong cookie, string name);
}
