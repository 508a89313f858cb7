namespace Pewter.NineP.Serving;

/// <summary>Flags of an open, as 9P2000.L numbers them (equal to x86-64 Linux). 9P2000 open modes are translated to these.</summary>
[Flags]
public enum OpenFlags : uint
{
    /// <summary>Read only; the value of the lowest two bits.</summary>
    ReadOnly = 0,

    /// <summary>Write only.</summary>
    WriteOnly = 1,

    /// <summary>Read and write.</summary>
    ReadWrite = 2,

    /// <summary>The bits of the access mode.</summary>
    AccessMode = 3,

    /// <summary>Create when missing.</summary>
    Create = 0x40,

    /// <summary>Fail when it exists.</summary>
    Exclusive = 0x80,

    /// <summary>Discard the content.</summary>
    Truncate = 0x200,

    /// <summary>Write at the end.</summary>
    Append = 0x400,

    /// <summary>Do not wait.</summary>
    NonBlocking = 0x800,

    /// <summary>Only a directory.</summary>
    Directory = 0x10000,

    /// <summary>9P2000 ORCLOSE: remove when the fid is clunked. Beyond Linux's bits on purpose.</summary>
    RemoveOnClose = 0x8000_0000,
}

/// <summary>Questions to ask of <see cref="OpenFlags"/>.</summary>
public static class OpenFlagsExtensions
{
    /// <summary>Whether reads are asked for.</summary>
    public static bool CanRead(this OpenFlags flags) => (flags & OpenFlags.AccessMode) != OpenFlags.WriteOnly;

    /// <summary>Whether writes are asked for.</summary>
    public static bool CanWrite(this OpenFlags flags) => (flags & OpenFlags.AccessMode) is OpenFlags.WriteOnly or OpenFlags.ReadWrite;
}
