using Pewter.Linux.Files;

namespace Pewter.Blocks.Layers.Files;

/// <summary>A store in a directory of this machine. Holds a lock on it, so that two daemons never write one store.</summary>
internal sealed class DirectoryFiles : StoreFiles
{
    private const string LockName = "lock";
    private readonly string _path;
    private readonly FileStream _lock;

    public DirectoryFiles(string path)
    {
        _path = Path.GetFullPath(path);
        Directory.CreateDirectory(_path);
        try
        {
            // FileShare.None is flock(LOCK_EX | LOCK_NB), which ends with the process however it dies.
            _lock = new FileStream(Path.Join(_path, LockName), FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
        }
        catch (IOException e)
        {
            throw new BlockException(BlockErrno.EBUSY, $"The store {_path} is in use by another process.", e);
        }
    }

    public override bool Exists(string name) => File.Exists(PathOf(name));

    public override StoreFile Open(string name, bool create, bool writable)
    {
        try
        {
            FileMode mode = create ? FileMode.OpenOrCreate : FileMode.Open;
            FileAccess access = writable ? FileAccess.ReadWrite : FileAccess.Read;
            return new DiskFile(name, PathOf(name), mode, access);
        }
        catch (FileNotFoundException e)
        {
            throw new BlockException(BlockErrno.ENOENT, $"The store's file {PathOf(name)} is missing.", e);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new BlockException(BlockErrno.EIO, $"The store's file {PathOf(name)} cannot be opened: {e.Message}", e);
        }
    }

    public override string SharedPath(string name) => PathOf(name);

    public override void Delete(string name) => File.Delete(PathOf(name));

    public override void Rename(string from, string to) => File.Move(PathOf(from), PathOf(to), overwrite: true);

    public override IReadOnlyList<string> List() =>
        [.. Directory.EnumerateFiles(_path).Select(p => Path.GetFileName(p)).Where(n => n != LockName)];

    public override void Sync()
    {
        int result = FileCalls.SyncDirectory(_path);
        if (result < 0)
            throw new BlockException(-result, $"The store {_path} could not be made durable (errno {-result}).");
    }

    public override void Dispose() => _lock.Dispose();

    private string PathOf(string name) => Path.Join(_path, name);
}
