using Pewter.NineP;
using Pewter.NineP.Serving;

namespace Pewter.Tree;

/// <summary>A page that keeps entries, as many as it may.</summary>
internal sealed class EntryPage(int capacity) : DirectoryPage
{
    /// <summary>The entries.</summary>
    public List<TreeEntry> Entries { get; } = [];

    /// <summary>Whether an entry was refused.</summary>
    public bool IsFull { get; private set; }

    /// <inheritdoc/>
    public override bool TryAdd(Qid qid, ulong cookie, string name)
    {
        IsFull |= Entries.Count == capacity;
        if (!IsFull)
        {
            Entries.Add(new(qid, cookie, name));
        }

        return !IsFull;
    }
}
