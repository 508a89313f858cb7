using System.Runtime.InteropServices;
using System.Text;
using Pewter.Fuse.Protocol;
using Pewter.NineP;

namespace Pewter.Fuse;

/// <summary>Writes <c>fuse_dirent</c> and <c>fuse_direntplus</c> one after another into space that has been reckoned before.</summary>
internal ref struct DirectoryEncoder(Span<byte> space)
{
    private const uint DirectoryType = 4;
    private const uint FileType = 8;
    private const uint LinkType = 10;
    private readonly Span<byte> _space = space;

    public int Length { get; private set; }

    public static int AddPlus(Span<byte> space, in FuseEntryOut known, in ListedEntry entry)
    {
        MemoryMarshal.Write(space, in known);
        var encoder = new DirectoryEncoder(space[FuseEntryOut.Size..]);
        encoder.Add(entry);
        return FuseEntryOut.Size + encoder.Length;
    }

    public void Add(in ListedEntry entry)
    {
        var rest = _space[Length..];
        var nameLength = Encoding.UTF8.GetBytes(entry.Name, rest[FuseDirectoryEntry.Size..]);
        var header = new FuseDirectoryEntry
        {
            Inode = AttributeWriter.Inode(entry.Qid),
            Offset = entry.Offset,
            NameLength = (uint)nameLength,
            Type = TypeOf(entry.Qid.Type),
        };
        MemoryMarshal.Write(rest, in header);
        var end = FuseDirectoryEntry.Size + nameLength;
        var padded = (end + 7) & ~7;
        rest[end..padded].Clear();
        Length += padded;
    }

    private static uint TypeOf(QidType type) => type.HasFlag(QidType.Directory) ? DirectoryType
        : type.HasFlag(QidType.Symlink) ? LinkType : FileType;
}
