namespace Pewter.NineP;

/// <summary>The kind bits of a <see cref="Qid"/> (intro(5) of Plan 9, and <c>P9_QT*</c> of Linux).</summary>
[Flags]
public enum QidType : byte
{
    /// <summary>A plain file.</summary>
    File = 0x00,

    /// <summary>A symbolic link.</summary>
    Symlink = 0x02,

    /// <summary>Not backed up.</summary>
    Temporary = 0x04,

    /// <summary>An authentication file.</summary>
    Auth = 0x08,

    /// <summary>Only one fid at a time may be open on it.</summary>
    Exclusive = 0x20,

    /// <summary>Offsets of writes are ignored; data goes to the end.</summary>
    Append = 0x40,

    /// <summary>A directory.</summary>
    Directory = 0x80,
}

/// <summary>
/// A server's unique name for a file: two files are the same exactly when their <see cref="Path"/> is. A path is never reused, because
/// the Linux client keys its inode cache by it.
/// </summary>
/// <param name="Type">The kind of the file; agrees with the file's mode.</param>
/// <param name="Version">0 for synthetic files, which clients must not cache.</param>
/// <param name="Path">Unique for the life of the server.</param>
public readonly record struct Qid(QidType Type, uint Version, ulong Path)
{
    /// <summary>Bytes of a qid on the wire.</summary>
    public const int Size = 13;
}
