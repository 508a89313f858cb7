using Pewter.NineP.Serving;

namespace Pewter.NineP.Tests.Sample;

/// <summary>A directory in memory; cookies are the children's qid paths, which grow.</summary>
internal sealed class SampleDirectory() : SampleFile(QidType.Directory, 0x41ED)
{
    private readonly SortedDictionary<ulong, (string Name, SampleFile File)> _children = [];
    private readonly Dictionary<string, SampleFile> _names = [];

    public T Add<T>(string name, T file)
        where T : SampleFile
    {
        lock (_children)
        {
            if (!_names.TryAdd(name, file))
                throw new FileException(Errno.EEXIST, "It exists.");
            _children.Add(file.Qid.Path, (name, file));
            file.Directory = this;
            return file;
        }
    }

    public void Take(SampleFile file)
    {
        lock (_children)
        {
            if (!_children.Remove(file.Qid.Path, out var entry))
                throw new FileException(Errno.ENOENT, "It is gone.");
            _names.Remove(entry.Name);
        }
    }

    public void Rename(SampleFile file, string name)
    {
        lock (_children)
        {
            if (!_children.TryGetValue(file.Qid.Path, out var entry))
                throw new FileException(Errno.ENOENT, "It is gone.");
            if (!_names.TryAdd(name, file))
                throw new FileException(Errno.EEXIST, "It exists.");
            _names.Remove(entry.Name);
            _children[file.Qid.Path] = (name, file);
        }
    }

    public SampleFile? Find(string name)
    {
        lock (_children)
            return _names.GetValueOrDefault(name);
    }

    private bool IsWithin(SampleFile file)
    {
        for (SampleFile? at = this; at is not null; at = at.Directory)
        {
            if (at == file)
                return true;
        }

        return false;
    }

    public override ValueTask<ServedFile?> WalkAsync(string name, Caller caller, CancellationToken cancellation) => new(Find(name));

    public override ValueTask<OpenFile> OpenAsync(OpenFlags flags, Caller caller, CancellationToken cancellation) => new(new Open(this));

    public override async ValueTask<OpenFile> CreateAsync(
        string name, OpenFlags flags, uint mode, Caller caller, CancellationToken cancellation) =>
        await Add(name, new SampleText("", 0x8000 | mode)).OpenAsync(flags, caller, cancellation);

    public override ValueTask<ServedFile> MakeDirectoryAsync(
        string name, uint mode, Caller caller, CancellationToken cancellation) => new(Add(name, new SampleDirectory()));

    public override ValueTask<ServedFile> SymlinkAsync(
        string name, string target, Caller caller, CancellationToken cancellation) => new(Add(name, new SampleLink(target)));

    public override ValueTask UnlinkAsync(string name, bool directory, Caller caller, CancellationToken cancellation)
    {
        var child = Find(name) ?? throw new FileException(Errno.ENOENT, "No such file.");
        if (directory != child is SampleDirectory)
            throw new FileException(directory ? Errno.ENOTDIR : Errno.EISDIR, "The wrong kind.");
        Take(child);
        return default;
    }

    public override ValueTask RenameAsync(
        string name, ServedFile newDirectory, string newName, Caller caller, CancellationToken cancellation)
    {
        var child = Find(name) ?? throw new FileException(Errno.ENOENT, "No such file.");
        var target = newDirectory as SampleDirectory ?? throw new FileException(Errno.ENOTDIR, "Not a directory.");
        if (target.Find(newName) is not null)
            throw new FileException(Errno.EEXIST, "It exists.");
        if (target.IsWithin(child))
            throw new FileException(Errno.EINVAL, "A directory cannot be moved into itself.");
        Take(child);
        target.Add(newName, child);
        return default;
    }

    private sealed class Open(SampleDirectory directory) : OpenFile(directory)
    {
        public override ValueTask ReadDirectoryAsync(ulong cookie, DirectoryPage page, CancellationToken cancellation)
        {
            lock (directory._children)
            {
                foreach (var (next, (name, file)) in directory._children)
                {
                    if (next > cookie && !page.TryAdd(file.Qid, next, name))
                        break;
                }
            }

            return default;
        }
    }
}
