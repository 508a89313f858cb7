using Pewter.NineP;
using Pewter.NineP.Serving;

namespace Pewter.Testing.Serving;

/// <summary>A directory in memory with stable cookies.</summary>
public sealed class MemoryDirectory : MemoryFile
{
    private readonly Lock _lock = new();
    private readonly Dictionary<string, (ulong Cookie, MemoryFile File)> _byName = [];
    private readonly SortedDictionary<ulong, string> _byCookie = [];
    private ulong _lastCookie;

    public MemoryDirectory()
        : base(QidType.Directory) => Mode = 0x1ED;

    /// <summary>Walks to this name throw a bug.</summary>
    public string? Broken { get; set; }

    public T Add<T>(string name, T file)
        where T : MemoryFile
    {
        file.Directory = this;
        lock (_lock)
        {
            if (!_byName.TryAdd(name, (++_lastCookie, file)))
                throw new FileException(Errno.EEXIST, "There already.");
            _byCookie[_lastCookie] = name;
        }

        return file;
    }

    public MemoryFile? Remove(string name)
    {
        lock (_lock)
        {
            if (!_byName.Remove(name, out var entry))
                return null;
            _byCookie.Remove(entry.Cookie);
            return entry.File;
        }
    }

    public override ValueTask<ServedFile?> WalkAsync(string name, Caller caller, CancellationToken cancellation)
    {
        Demand(caller, Execute);
        if (name == Broken)
            throw new InvalidOperationException("A bug.");
        lock (_lock)
            return new(_byName.GetValueOrDefault(name).File);
    }

    public override ValueTask<OpenFile> OpenAsync(OpenFlags flags, Caller caller, CancellationToken cancellation)
    {
        Demand(caller, flags);
        return new(new Listing(this));
    }

    public override ValueTask<OpenFile> CreateAsync(
        string name, OpenFlags flags, uint mode, Caller caller, CancellationToken cancellation)
    {
        Demand(caller, WriteRight);
        var file = Add(name, new MemoryText("", version: 1) { Mode = mode, Owner = caller.User, OwnerNumber = caller.Uid });
        return file.OpenAsync(flags, Caller.System, cancellation);
    }

    public override ValueTask<ServedFile> MakeDirectoryAsync(
        string name, uint mode, Caller caller, CancellationToken cancellation)
    {
        Demand(caller, WriteRight);
        return new(Add(name, new MemoryDirectory { Mode = mode & 0x1FF, Owner = caller.User, OwnerNumber = caller.Uid }));
    }

    public override ValueTask<ServedFile> SymlinkAsync(
        string name, string target, Caller caller, CancellationToken cancellation)
    {
        Demand(caller, WriteRight);
        return new(Add(name, new MemoryLink(target)));
    }

    public override ValueTask UnlinkAsync(string name, bool directory, Caller caller, CancellationToken cancellation)
    {
        Demand(caller, WriteRight);
        if (Remove(name) is null)
            throw new FileException(Errno.ENOENT, "Not there.");
        return ValueTask.CompletedTask;
    }

    public override ValueTask RenameAsync(
        string name, ServedFile newDirectory, string newName, Caller caller, CancellationToken cancellation)
    {
        Demand(caller, WriteRight);
        var file = Remove(name) ?? throw new FileException(Errno.ENOENT, "Not there.");
        var target = (MemoryDirectory)newDirectory;
        target.Remove(newName);
        target.Add(newName, file);
        return ValueTask.CompletedTask;
    }

    private sealed class Listing(MemoryDirectory directory) : OpenFile(directory)
    {
        public override ValueTask ReadDirectoryAsync(ulong cookie, DirectoryPage page, CancellationToken cancellation)
        {
            lock (directory._lock)
            {
                foreach (var (at, name) in directory._byCookie)
                {
                    if (at > cookie && !page.TryAdd(directory._byName[name].File.Qid, at, name))
                        break;
                }
            }

            return ValueTask.CompletedTask;
        }
    }
}
