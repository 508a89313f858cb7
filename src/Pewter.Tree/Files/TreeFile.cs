using Pewter.NineP;
using Pewter.NineP.Serving;

namespace Pewter.Tree;

/// <summary>
/// A file of the tree: a name in a directory, an owner, a mode, a qid. Every door's request comes in through the sealed members here, which
/// check the caller's rights by <see cref="AccessPolicy"/> before anything else happens; a kind of file overrides what it does, never who may.
/// </summary>
/// <remarks>Placed once, by the directory it is added to; immutable after that. Members may be called at once from many threads.</remarks>
public abstract class TreeFile : ServedFile
{
    private readonly QidType _type;
    private readonly uint _mode;
    private TreeFile? _container;
    private TreeFile? _standsFor;
    private string _name = "";
    private ulong _path;
    private uint _generation;

    /// <summary>Creates a file without a place.</summary>
    protected TreeFile(QidType type, uint mode) => (_type, _mode) = (type, mode);

    /// <summary>The name in its directory; empty at the root.</summary>
    public string Name => _standsFor?.Name ?? _name;

    /// <summary>The directory it is in; null at the root.</summary>
    public TreeFile? Container => _standsFor is null ? _container : _standsFor.Container;

    /// <inheritdoc/>
    public sealed override ServedFile? Parent => Container;

    /// <summary>The permission bits, for instance <c>UnixMode.Octal(640)</c>.</summary>
    public virtual uint Mode
    {
        get => _mode;
        init => _mode = value;
    }

    /// <summary>The owner when it is not that of the directory.</summary>
    public Owner? OwnedBy { get; init; }

    /// <summary>Who it belongs to.</summary>
    public virtual Owner Owner => OwnedBy ?? Container?.Owner ?? Owner.System;

    /// <summary>Last change of the content; that of the directory unless the file knows better.</summary>
    public virtual DateTimeOffset ModifiedAt => Container?.ModifiedAt ?? DateTimeOffset.UnixEpoch;

    /// <summary>The absolute path in this tree.</summary>
    public string Path => Container is null ? "/" : Container.Container is null ? "/" + Name : Container.Path + "/" + Name;

    /// <inheritdoc/>
    public sealed override Qid Qid => new(_type, 0, _path != 0 ? _path : AssignPath());

    /// <summary>Whether it is a directory.</summary>
    public bool IsDirectory => _type == QidType.Directory;

    /// <summary>The exact size in bytes, or 0 when it is not known to be exact.</summary>
    protected virtual ulong Size => 0;

    /// <summary>
    /// Whether a write tells only what this fid is to read next (<c>since N</c>, a state to wait for) and changes nothing, so that
    /// whoever may read may
    /// also write.
    /// </summary>
    internal virtual bool WritesOnlyToFid => false;

    /// <summary>What stays alive while this file is open; the object that the file is part of.</summary>
    internal virtual IHold? Hold => Container?.Hold;

    /// <inheritdoc/>
    public sealed override ValueTask<FileStat> StatAsync(Caller caller, CancellationToken cancellation)
    {
        var owner = Owner;
        return new(new FileStat
        {
            Qid = Qid,
            Mode = Mode | (_type switch
            {
                QidType.Directory => UnixMode.Directory,
                QidType.Symlink => UnixMode.Symlink,
                _ => UnixMode.Regular,
            }),
            Uid = owner.Uid,
            Gid = owner.Gid,
            User = owner.User,
            Group = owner.Group,
            Size = Size,

            // A directory with one link tells find(1) that its links do not count its subdirectories.
            LinkCount = 1,
            ModifiedAt = ModifiedAt,
        });
    }

    /// <inheritdoc/>
    public sealed override ValueTask ChangeStatAsync(StatChange changes, Caller caller, CancellationToken cancellation)
    {
        AccessPolicy.Demand(this, caller, WritesOnlyToFid ? AccessRights.Read : AccessRights.Write);
        if (changes.Size is > 0 || changes.Mode is not null || changes.Uid is not null || changes.Gid is not null
            || changes.User is not null || changes.Group is not null || changes.Name is not null)
        {
            throw new FileException(Errno.EOPNOTSUPP, $"{Path}: only its size can be set, to 0; use ctl for the rest.");
        }

        return changes.Size is null ? ValueTask.CompletedTask : TruncateAsync(caller, cancellation);
    }

    /// <inheritdoc/>
    public sealed override ValueTask<ServedFile?> WalkAsync(string name, Caller caller, CancellationToken cancellation)
    {
        if (!IsDirectory)
        {
            throw new FileException(Errno.ENOTDIR, $"{Path} is not a directory.");
        }

        AccessPolicy.Demand(this, caller, AccessRights.Execute);
        return FindAsync(name, caller, cancellation);
    }

    /// <inheritdoc/>
    public sealed override async ValueTask<OpenFile> OpenAsync(OpenFlags flags, Caller caller, CancellationToken cancellation)
    {
        AccessPolicy.Demand(this, caller, RightsFor(flags));
        var open = await OpenCoreAsync(flags, caller, cancellation);
        return open.File is TreeFile { Hold: { } hold } && open is TreeOpen held ? held.Holding(hold) : open;
    }

    /// <summary>Finds a child of a directory; null when there is none. Rights to the directory are checked already.</summary>
    protected virtual ValueTask<ServedFile?> FindAsync(string name, Caller caller, CancellationToken cancellation) => new((ServedFile?)null);

    /// <summary>Opens the file. Rights are checked already.</summary>
    protected abstract ValueTask<OpenFile> OpenCoreAsync(OpenFlags flags, Caller caller, CancellationToken cancellation);

    /// <summary>Discards the content; nothing to do for a synthetic file, and it must succeed. Rights are checked already.</summary>
    protected virtual ValueTask TruncateAsync(Caller caller, CancellationToken cancellation) => ValueTask.CompletedTask;

    /// <summary>Gives the file its place.</summary>
    /// <param name="container">The directory.</param>
    /// <param name="name">The name there.</param>
    /// <param name="generation">Different from that of every earlier file of this name there.</param>
    internal void Place(TreeFile container, string name, uint generation = 0)
    {
        if (_container is not null || _standsFor is not null)
        {
            throw new InvalidOperationException($"{Path} cannot also be {name} in {container.Path}: a file has one place.");
        }

        (_container, _name, _generation) = (container, name, generation);
    }

    /// <summary>Gives the file the place of another, which shows what is in it: the local collection of a union.</summary>
    internal void StandFor(TreeFile other)
    {
        if (_container is null && _standsFor != other)
        {
            (_standsFor, _generation) = (other, uint.MaxValue);
        }
    }

    private AccessRights RightsFor(OpenFlags flags)
    {
        if (IsDirectory ? flags.CanWrite() : flags.HasFlag(OpenFlags.Directory))
        {
            throw IsDirectory
                ? new FileException(Errno.EISDIR, $"{Path} is a directory.")
                : new FileException(Errno.ENOTDIR, $"{Path} is not a directory.");
        }

        if (_type == QidType.Symlink)
        {
            throw new FileException(Errno.ELOOP, $"{Path} is a symbolic link; open what it leads to.");
        }

        var write = WritesOnlyToFid ? AccessRights.Read : AccessRights.Write;
        return (flags.CanRead() ? AccessRights.Read : 0)
            | (flags.CanWrite() || flags.HasFlag(OpenFlags.Truncate) ? write : 0);
    }

    // Not at placing, because a subdirectory may be filled before it is placed itself.
    private ulong AssignPath()
    {
        var path = Container is null ? QidPaths.Next() : QidPaths.Derive(Container.Qid.Path, Name, _generation);
        var earlier = Interlocked.CompareExchange(ref _path, path, 0);
        return earlier == 0 ? path : earlier;
    }
}
