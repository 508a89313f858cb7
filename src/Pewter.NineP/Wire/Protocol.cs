namespace Pewter.NineP.Wire;

/// <summary>Numbers that both ends of 9P know.</summary>
internal static class Protocol
{
    /// <summary>size[4] type[1] tag[2].</summary>
    public const int HeaderSize = 7;

    /// <summary>What a read or write needs beside its data (IOHDRSZ of intro(5)); clients count on msize less this.</summary>
    public const int IoHeaderSize = 24;

    /// <summary>The least message size a session works with: every reply of fixed size and a name of 255 bytes fit.</summary>
    public const int MinMessageSize = 512;

    /// <summary>Names in one Twalk (MAXWELEM of walk(5)).</summary>
    public const int MaxWalkNames = 16;

    /// <summary>The tag of Tversion, and of nothing else.</summary>
    public const ushort NoTag = ushort.MaxValue;

    /// <summary>"No fid": afid of an attach without authentication.</summary>
    public const uint NoFid = uint.MaxValue;

    /// <summary>"No number": n_uname of a client that gives only a name.</summary>
    public const uint NoUserId = uint.MaxValue;

    /// <summary>Size of a stat entry without its strings, its own size[2] included.</summary>
    public const int FixedStatSize = 49;

    /// <summary>AT_REMOVEDIR of Tunlinkat.</summary>
    public const uint RemoveDirectory = 0x200;

    /// <summary>Name of the Linux dialect.</summary>
    public static ReadOnlySpan<byte> VersionL => "9P2000.L"u8;

    /// <summary>Name of the Plan 9 dialect, and the prefix of all others.</summary>
    public static ReadOnlySpan<byte> Version2000 => "9P2000"u8;

    /// <summary>The answer to a version nobody knows.</summary>
    public static ReadOnlySpan<byte> VersionUnknown => "unknown"u8;
}
