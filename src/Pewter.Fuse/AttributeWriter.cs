using Pewter.Fuse.Protocol;
using Pewter.NineP;
using Pewter.NineP.Serving;

namespace Pewter.Fuse;

/// <summary>Turns a file's attributes into the kernel's.</summary>
internal sealed class AttributeWriter(TimeSpan cacheFor)
{
    private const uint TypeMask = 0xF000;
    private const uint DirectoryType = 0x4000;
    private const uint LinkType = 0xA000;
    private const uint FileType = 0x8000;
    private const uint NobodyNumber = 65534;

    /// <summary>Inode numbers 0 and 1 mean "none" and "bad blocks" to some programs.</summary>
    public static ulong Inode(Qid qid) => qid.Path + 2;

    public FuseAttributesOut Attributes(in FileStat stat, ulong? size = null)
    {
        var (seconds, nanoseconds) = Validity();
        return new() { ValidSeconds = seconds, ValidNanoseconds = nanoseconds, Attributes = Convert(stat, size) };
    }

    public FuseEntryOut Entry(FuseNode node, in FileStat stat)
    {
        var (seconds, nanoseconds) = Validity();
        return new()
        {
            NodeId = node.Id,
            EntryValidSeconds = seconds,
            EntryValidNanoseconds = nanoseconds,
            AttributesValidSeconds = seconds,
            AttributesValidNanoseconds = nanoseconds,
            Attributes = Convert(stat, null),
        };
    }

    private static FuseAttributes Convert(in FileStat stat, ulong? shownSize)
    {
        var (seconds, nanoseconds) = Split(stat.ModifiedAt);
        var size = shownSize ?? stat.Size;
        return new()
        {
            Inode = Inode(stat.Qid),
            Size = size,
            Blocks = (size + 511) / 512,
            AccessTime = seconds,
            AccessNanoseconds = nanoseconds,
            ModifyTime = seconds,
            ModifyNanoseconds = nanoseconds,
            ChangeTime = seconds,
            ChangeNanoseconds = nanoseconds,
            Mode = (stat.Mode & TypeMask) != 0 ? stat.Mode : stat.Mode | TypeOf(stat.Qid),
            LinkCount = Math.Max(stat.LinkCount, 1),
            Uid = KnownNumber(stat.Uid),
            Gid = KnownNumber(stat.Gid),
            BlockSize = 4096,
        };
    }

    // An owner without a number on this machine, as after a remote user's name, is shown as nobody.
    private static uint KnownNumber(uint number) => number == uint.MaxValue ? NobodyNumber : number;

    private static uint TypeOf(Qid qid) => qid.Type.HasFlag(QidType.Directory) ? DirectoryType
        : qid.Type.HasFlag(QidType.Symlink) ? LinkType : FileType;

    private static (ulong Seconds, uint Nanoseconds) Split(DateTimeOffset at)
    {
        var ticks = Math.Max(0, at.UtcTicks - DateTime.UnixEpoch.Ticks);
        return ((ulong)(ticks / TimeSpan.TicksPerSecond), (uint)(ticks % TimeSpan.TicksPerSecond * 100));
    }

    private (ulong Seconds, uint Nanoseconds) Validity() =>
        ((ulong)(cacheFor.Ticks / TimeSpan.TicksPerSecond), (uint)(cacheFor.Ticks % TimeSpan.TicksPerSecond * 100));
}
