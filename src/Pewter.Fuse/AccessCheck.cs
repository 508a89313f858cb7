using Pewter.NineP;
using Pewter.NineP.Serving;

namespace Pewter.Fuse;

/// <summary>
/// Answers access(2) from a file's mode. Advice to shells and nothing more: the tree itself judges every walk, open and write.
/// </summary>
internal static class AccessCheck
{
    private const uint Write = 2;

    /// <summary>None, EACCES or EROFS. The lowest three bits of <paramref name="mask"/> are read, write and execute as in R_OK, W_OK, X_OK.</summary>
    public static Errno Judge(uint mask, in FileStat stat, Caller caller)
    {
        mask &= 7;
        if ((mask & Write) != 0 && !caller.MayWrite)
            return Errno.EROFS;
        if (caller.IsAdmin)
            return Errno.None;
        var granted = stat.Mode;
        if (stat.User == caller.User)
            granted >>= 6;
        else if (stat.Group is { Length: > 0 } group && caller.Groups.Contains(group))
            granted >>= 3;
        return (granted & mask) == mask ? Errno.None : Errno.EACCES;
    }
}
