using System.Text;
using Pewter.NineP.Serving;
using Pewter.NineP.Wire;

namespace Pewter.NineP.Client;

/// <summary>Between stat entries of 9P2000 and the contract's types, on the client's side.</summary>
internal static class ClientStat
{
    private const uint DirectoryType = 0x4000;
    private const uint SymlinkType = 0xA000;
    private const uint FileType = 0x8000;

    /// <summary>The entry of a Twstat: all ones and empty strings leave a field as it is.</summary>
    public static byte[] Encode(in StatChange change)
    {
        var entry = new StatEntry
        {
            Qid = new Qid((QidType)byte.MaxValue, uint.MaxValue, ulong.MaxValue),
            Mode = change.Mode ?? uint.MaxValue,
            AccessSeconds = uint.MaxValue,
            ModifySeconds = change.ModifiedAt is { } time ? (uint)time.ToUnixTimeSeconds() : uint.MaxValue,
            Length = change.Size ?? ulong.MaxValue,
            Name = Encoding.UTF8.GetBytes(change.Name ?? ""),
            User = Encoding.UTF8.GetBytes(change.User ?? ""),
            Group = Encoding.UTF8.GetBytes(change.Group ?? ""),
        };
        var bytes = new byte[entry.Size];
        var writer = new MessageWriter(bytes, Dialect.NineP2000);
        entry.Write(ref writer);
        return bytes;
    }

    public static FileStat Decode(in StatEntry entry) => new()
    {
        Qid = entry.Qid,
        Mode = (entry.Mode & 0x1FF) | FileTypeOf(entry.Qid),
        Uid = uint.MaxValue,
        Gid = uint.MaxValue,
        User = Encoding.UTF8.GetString(entry.User),
        Group = Encoding.UTF8.GetString(entry.Group),
        Size = entry.Length,
        LinkCount = 1,
        ModifiedAt = DateTimeOffset.FromUnixTimeSeconds(entry.ModifySeconds),
    };

    private static uint FileTypeOf(Qid qid) => qid.Type switch
    {
        var type when (type & QidType.Directory) != 0 => DirectoryType,
        var type when (type & QidType.Symlink) != 0 => SymlinkType,
        _ => FileType,
    };
}
