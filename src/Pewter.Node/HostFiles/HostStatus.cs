using Microsoft.Win32.SafeHandles;
using Pewter.Linux.Files;
using Pewter.NineP;
using Pewter.NineP.Serving;
using Pewter.Tree;

namespace Pewter.Node.HostFiles;

/// <summary>A host file's status with what the tree asks of it.</summary>
internal readonly record struct HostStatus(FileStatus Raw)
{
    internal bool IsDirectory => (Raw.Mode & UnixMode.TypeMask) == UnixMode.Directory;

    internal bool IsLink => (Raw.Mode & UnixMode.TypeMask) == UnixMode.Symlink;

    internal bool IsPlain => (Raw.Mode & UnixMode.TypeMask) == UnixMode.Regular;

    // An inode number is used again after its file is gone, so the qid is the file's as long as it lives, which is all a host can promise.
    internal ulong QidPath => Raw.Inode ^ (Raw.Device * 0x9E37_79B9_7F4A_7C15);

    internal static HostStatus Of(SafeFileHandle handle) => new(FileStatus.Of(handle));

    internal FileStat ToStat(Qid qid) => new()
    {
        Qid = qid,
        Mode = Raw.Mode,
        Uid = Raw.User,
        Gid = Raw.Group,
        User = Linux.Users.UserDatabase.NameOf(Raw.User),
        Group = Raw.Group.ToString(System.Globalization.CultureInfo.InvariantCulture),
        Size = IsPlain ? (ulong)Raw.Size : 0,
        LinkCount = Raw.Links,
        ModifiedAt = Raw.ModifiedAt,
    };
}
