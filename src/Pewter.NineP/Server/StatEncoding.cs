using System.Text;
using Pewter.NineP.Serving;
using Pewter.NineP.Wire;

namespace Pewter.NineP.Server;

/// <summary>Between <see cref="FileStat"/> and the stat entries of 9P2000.</summary>
internal static class StatEncoding
{
    private const uint PermissionBits = 0x1FF;

    /// <summary>Writes an entry; -1 when it does not fit.</summary>
    public static int TryWrite(Span<byte> room, string name, in FileStat stat)
    {
        var user = Owner(stat.User, stat.Uid);
        var group = Owner(stat.Group, stat.Gid);
        var modified = (uint)Math.Clamp(stat.ModifiedAt.ToUnixTimeSeconds(), 0, uint.MaxValue);
        var entry = new StatEntry
        {
            Qid = stat.Qid,
            Mode = ModeOf(stat),
            AccessSeconds = modified,
            ModifySeconds = modified,
            Length = (stat.Qid.Type & QidType.Directory) != 0 ? 0 : stat.Size,
            Name = Encoding.UTF8.GetBytes(name.Length == 0 ? "/" : name),
            User = user,
            Group = group,
            Modifier = user,
        };
        if (entry.Size > room.Length)
            return -1;
        var writer = new MessageWriter(room, Dialect.NineP2000);
        entry.Write(ref writer);
        return writer.Length;
    }

    /// <summary>The mode: permissions, and the kind bits of the qid in the highest byte.</summary>
    private static uint ModeOf(in FileStat stat) => (stat.Mode & PermissionBits) | ((uint)stat.Qid.Type << 24);

    private static byte[] Owner(string? name, uint number) =>
        Encoding.UTF8.GetBytes(string.IsNullOrEmpty(name) ? number.ToString(System.Globalization.CultureInfo.InvariantCulture) : name);
}
