using System.Text;
using Pewter.NineP;
using Pewter.NineP.Serving;

namespace Pewter.Fuse;

/// <summary>An entry of a directory and the offset that reading goes on from.</summary>
internal readonly record struct ListedEntry(Qid Qid, ulong Offset, string Name);

/// <summary>
/// Gathers the entries that fit one reply. "." and ".." come first with the offsets 1 and 2; a child's offset is its cookie and 2. Used by one
/// request.
/// </summary>
internal sealed class EntryPage(ulong offset, int room, int entrySize) : DirectoryPage
{
    private const ulong Dots = 2;
    private readonly List<ListedEntry> _entries = [];
    private int _room = room;

    public IReadOnlyList<ListedEntry> Entries => _entries;

    /// <summary>The cookie that the children are read on from.</summary>
    public ulong Cookie => offset > Dots ? offset - Dots : 0;

    /// <summary>Adds "." and ".." where they are due; false when the page is full.</summary>
    public bool AddDots(Qid self, Qid parent) =>
        (offset > 0 || Add(self, 1, ".")) && (offset > 1 || Add(parent, Dots, ".."));

    public override bool TryAdd(Qid qid, ulong cookie, string name) => Add(qid, cookie + Dots, name);

    private bool Add(Qid qid, ulong at, string name)
    {
        var size = (entrySize + Encoding.UTF8.GetByteCount(name) + 7) & ~7;
        if (size > _room)
        {
            _room = 0;
            return false;
        }

        _room -= size;
        _entries.Add(new(qid, at, name));
        return true;
    }
}
