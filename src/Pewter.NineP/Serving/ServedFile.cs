namespace Pewter.NineP.Serving;

/// <summary>
/// A file or directory that a door serves: to 9P, FUSE, HTTP and in process alike. It stands for the file itself, not for an open of it;
/// any number of fids share one, so every member may be called at once from many threads.
/// </summary>
/// <remarks>
/// The server validates before it calls: names are non-empty UTF-8 without '/' and NUL and are never "." or "..", fids are in the right
/// state, counts are within limits. The file checks the caller's rights. Every wait honours its token promptly. A failure is a
/// <see cref="FileException"/>; anything else is a bug. Defaults answer what a read-only synthetic file should.
/// </remarks>
public abstract class ServedFile
{
    /// <summary>The file's unique name. Constant for the life of the object.</summary>
    public abstract Qid Qid { get; }

    /// <summary>Where ".." leads; null at the root, where ".." is the root itself.</summary>
    public virtual ServedFile? Parent => null;

    /// <summary>Reads the attributes.</summary>
    public abstract ValueTask<FileStat> StatAsync(Caller caller, CancellationToken cancellation);

    /// <summary>Changes attributes. Whatever else is not supported, setting the size of a synthetic file to 0 must succeed.</summary>
    public virtual ValueTask ChangeStatAsync(StatChange changes, Caller caller, CancellationToken cancellation) =>
        throw Unsupported("its attributes cannot be changed");

    /// <summary>Finds a child by name; null when there is none. ENOTDIR when this is no directory.</summary>
    public virtual ValueTask<ServedFile?> WalkAsync(string name, Caller caller, CancellationToken cancellation) =>
        throw new FileException(Errno.ENOTDIR, "Not a directory.");

    /// <summary>Opens the file after checking the caller's rights.</summary>
    public abstract ValueTask<OpenFile> OpenAsync(OpenFlags flags, Caller caller, CancellationToken cancellation);

    /// <summary>Creates and opens a plain file in this directory.</summary>
    public virtual ValueTask<OpenFile> CreateAsync(
        string name, OpenFlags flags, uint mode, Caller caller, CancellationToken cancellation) =>
        throw Unsupported("files cannot be created here");

    /// <summary>Creates a directory in this directory.</summary>
    public virtual ValueTask<ServedFile> MakeDirectoryAsync(string name, uint mode, Caller caller, CancellationToken cancellation) =>
        throw Unsupported("directories cannot be made here");

    /// <summary>Creates a symbolic link in this directory.</summary>
    public virtual ValueTask<ServedFile> SymlinkAsync(string name, string target, Caller caller, CancellationToken cancellation) =>
        throw Unsupported("links cannot be made here");

    /// <summary>Reads where a symbolic link leads.</summary>
    public virtual ValueTask<string> ReadLinkAsync(Caller caller, CancellationToken cancellation) =>
        throw new FileException(Errno.EINVAL, "Not a symbolic link.");

    /// <summary>Removes a child. With <paramref name="directory"/> only an empty directory, else only a file.</summary>
    public virtual ValueTask UnlinkAsync(string name, bool directory, Caller caller, CancellationToken cancellation) =>
        throw Unsupported("files cannot be removed here");

    /// <summary>Removes the file itself (<c>Tremove</c>, ORCLOSE).</summary>
    public virtual ValueTask RemoveAsync(Caller caller, CancellationToken cancellation) =>
        throw Unsupported("this file cannot be removed");

    /// <summary>Renames a child, possibly into another directory of the same server.</summary>
    public virtual ValueTask RenameAsync(
        string name, ServedFile newDirectory, string newName, Caller caller, CancellationToken cancellation) =>
        throw Unsupported("files cannot be renamed here");

    private static FileException Unsupported(string what) => new(Errno.EOPNOTSUPP, $"Not supported: {what}.");
}
