using Pewter.NineP.Serving;

namespace Pewter.NineP.Server;

/// <summary>The open modes of 9P2000 (open(5)).</summary>
internal static class OpenMode
{
    private const byte Access = 3;
    private const byte Execute = 3;
    private const byte Truncate = 0x10;
    private const byte RemoveOnClose = 0x40;

    /// <summary>The flags that mean the same; executing is reading.</summary>
    public static OpenFlags ToFlags(byte mode)
    {
        var flags = (mode & Access) == Execute ? OpenFlags.ReadOnly : (OpenFlags)(mode & Access);
        if ((mode & Truncate) != 0)
            flags |= OpenFlags.Truncate;
        if ((mode & RemoveOnClose) != 0)
            flags |= OpenFlags.RemoveOnClose;
        return flags;
    }

    /// <summary>The mode for the flags, as far as 9P2000 can say them.</summary>
    public static byte FromFlags(OpenFlags flags)
    {
        var mode = (byte)(flags & OpenFlags.AccessMode);
        if ((flags & OpenFlags.Truncate) != 0)
            mode |= Truncate;
        if ((flags & OpenFlags.RemoveOnClose) != 0)
            mode |= RemoveOnClose;
        return mode;
    }
}
