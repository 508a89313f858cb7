namespace Pewter.NineP.Server;

/// <summary>The <c>d_type</c> of readdir(3).</summary>
internal static class DirectoryEntryKind
{
    public static byte Of(Qid qid) => qid.Type switch
    {
        var type when (type & QidType.Directory) != 0 => 4,
        var type when (type & QidType.Symlink) != 0 => 10,
        _ => 8,
    };
}
