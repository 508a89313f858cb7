using Microsoft.Win32.SafeHandles;
using Pewter.Linux.Files;
using Pewter.NineP;
using Pewter.NineP.Serving;
using Pewter.Node.Sessions;
using Pewter.Tree;

namespace Pewter.Node.HostFiles;

/// <summary>
/// A file of this machine below a directory that no name leads out of (openat2, CVE-2016-9602 and its kin). For administrators: the agent
/// opens with its own rights. Only directories, plain files and links are shown; opening another machine's FIFOs and devices by name has
/// been a hole too often (CVE-2023-2861).
/// </summary>
internal sealed class HostFile : ServedFile
{
    private const int DirectoryFlag = 0x10000;

    private readonly HostDirectory _root;
    private readonly string _path;
    private readonly HostStatus _status;

    internal HostFile(HostDirectory root, string path, HostStatus status, ServedFile? parent)
    {
        _root = root;
        _path = path;
        _status = status;
        Parent = parent;
        Qid = new Qid(status.IsDirectory ? QidType.Directory : status.IsLink ? QidType.Symlink : QidType.File, 0, status.QidPath);
    }

    public override Qid Qid { get; }

    public override ServedFile? Parent { get; }

    public override ValueTask<FileStat> StatAsync(Caller caller, CancellationToken cancellation)
    {
        Demand(caller, write: false);
        return new(Guard(() => _root.Status(_path)).ToStat(Qid));
    }

    public override ValueTask ChangeStatAsync(StatChange changes, Caller caller, CancellationToken cancellation)
    {
        Demand(caller, write: true);
        using var handle = OpenPlain(HostDirectory.WriteOnly);
        Guard(() =>
        {
            if (changes.Size is { } size)
            {
                RandomAccess.SetLength(handle, (long)size);
            }

            if (changes.Mode is { } mode)
            {
                File.SetUnixFileMode(handle, (UnixFileMode)(mode & 0xFFF));
            }

            return true;
        });
        return ValueTask.CompletedTask;
    }

    public override ValueTask<ServedFile?> WalkAsync(string name, Caller caller, CancellationToken cancellation)
    {
        Demand(caller, write: false);
        return new(_root.Find(Join(name), this));
    }

    public override ValueTask<OpenFile> OpenAsync(OpenFlags flags, Caller caller, CancellationToken cancellation)
    {
        Demand(caller, flags.CanWrite() || flags.HasFlag(OpenFlags.Truncate));
        if (_status.IsDirectory)
        {
            return new(new HostDirectoryOpen(this, _root, _path));
        }

        var handle = OpenPlain((int)flags & (0x3 | 0x200 | 0x400));
        return new(new HostFileOpen(this, handle, flags));
    }

    public override ValueTask<OpenFile> CreateAsync(
        string name, OpenFlags flags, uint mode, Caller caller, CancellationToken cancellation)
    {
        Demand(caller, write: true);
        const int Create = 0x40;
        var path = Join(name);
        var kept = (int)flags & (0x3 | 0x80 | 0x200 | 0x400);
        var handle = Guard(() => _root.Beneath.Open(path, kept | Create | BeneathDirectory.NoFollow, mode & 0xFFF));
        return new(new HostFileOpen(_root.Find(path, this)!, handle, flags));
    }

    public override ValueTask<ServedFile> MakeDirectoryAsync(string name, uint mode, Caller caller, CancellationToken cancellation)
    {
        Demand(caller, write: true);
        var path = Join(name);
        Guard(() => InThisDirectory(directory => directory.MakeDirectory(name, mode & 0xFFF)));
        return new(_root.Find(path, this)!);
    }

    public override ValueTask<string> ReadLinkAsync(Caller caller, CancellationToken cancellation)
    {
        Demand(caller, write: false);
        return new(Guard(() => _root.ReadLink(_path)));
    }

    public override ValueTask UnlinkAsync(string name, bool directory, Caller caller, CancellationToken cancellation)
    {
        Demand(caller, write: true);
        Guard(() => InThisDirectory(here => here.Unlink(name, directory)));
        return ValueTask.CompletedTask;
    }

    private bool InThisDirectory(Action<OpenDirectory> act)
    {
        using var handle = _root.Beneath.Open(_path.Length == 0 ? "." : _path, DirectoryFlag);
        act(new OpenDirectory(handle));
        return true;
    }

    private SafeFileHandle OpenPlain(int flags)
    {
        // Not waiting matters for a FIFO that took the file's place after the look; what was opened is looked at again.
        const int NonBlocking = 0x800;
        var handle = Guard(() => _root.Beneath.Open(_path, flags | NonBlocking | BeneathDirectory.NoFollow));
        if (HostStatus.Of(handle).IsPlain)
        {
            return handle;
        }

        handle.Dispose();
        throw new FileException(Errno.EPERM, $"{_path} is neither a plain file nor a directory.");
    }

    private string Join(string name) => _path.Length == 0 ? name : $"{_path}/{name}";

    private static void Demand(Caller caller, bool write)
    {
        if (write)
        {
            AccessPolicy.DemandMayWrite(caller);
        }

        if (!caller.IsAdmin)
        {
            throw new FileException(Errno.EACCES, $"{caller.User} may not use the files of this node; its programs can.");
        }
    }

    private static T Guard<T>(Func<T> action)
    {
        try
        {
            return LinuxFailure.Guard(action);
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            throw new FileException(Errno.EIO, failure.Message, failure);
        }
    }
}
