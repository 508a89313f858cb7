using Pewter.Blocks.Layers.Files;

namespace Pewter.Blocks.Tests.Layers;

/// <summary>
/// A store's files in memory, with a log of every change, from which the state after a power cut at any point can be made: what was synced is
/// there; of what was not, any part may be, down to 512-byte sectors of one write.
/// </summary>
internal sealed class PowerCutFiles : StoreFiles
{
    private const int Sector = 512;
    private readonly Dictionary<string, MemoryFile> _files = [];
    private readonly List<Change> _log = [];
    private readonly Lock _lock = new();

    private abstract record Change;

    private sealed record Written(MemoryFile File, long Offset, byte[] Data) : Change;

    private sealed record Cut(MemoryFile File, long Length) : Change;

    private sealed record Synced(MemoryFile File) : Change;

    private sealed record Linked(string Name, MemoryFile? File) : Change;

    private sealed record NamesSynced : Change;

    private sealed record Marked(object Mark) : Change;

    public int LogLength
    {
        get
        {
            lock (_lock)
                return _log.Count;
        }
    }

    /// <summary>How many changes still succeed; after them every change is ENOSPC.</summary>
    public int Budget { get; set; } = int.MaxValue;

    /// <summary>Notes something of the test's own at this point of the log.</summary>
    public void Mark(object mark) => Add(new Marked(mark));

    /// <summary>The marks before a point.</summary>
    public IReadOnlyList<object> MarksBefore(int point)
    {
        lock (_lock)
            return [.. _log.Take(point).OfType<Marked>().Select(m => m.Mark)];
    }

    /// <summary>The files as they may be after the power went at <paramref name="point"/>.</summary>
    public PowerCutFiles After(int point, Random random)
    {
        lock (_lock)
            return Replay(_log.Take(point).ToArray(), random);
    }

    public override bool Exists(string name)
    {
        lock (_lock)
            return _files.ContainsKey(name);
    }

    public override StoreFile Open(string name, bool create, bool writable)
    {
        lock (_lock)
        {
            if (_files.TryGetValue(name, out MemoryFile? file))
                return new Handle(file);
            if (!create)
                throw new BlockException(BlockErrno.ENOENT, $"{name} is missing.");
            file = new MemoryFile(this, name);
            Add(new Linked(name, file));
            _files.Add(name, file);
            return new Handle(file);
        }
    }

    public override void Delete(string name)
    {
        lock (_lock)
        {
            if (_files.Remove(name))
                Add(new Linked(name, null));
        }
    }

    public override void Rename(string from, string to)
    {
        lock (_lock)
        {
            Add(new Linked(to, _files[from]));
            Add(new Linked(from, null));
            _files[to] = _files[from];
            _files.Remove(from);
        }
    }

    public override IReadOnlyList<string> List()
    {
        lock (_lock)
            return [.. _files.Keys];
    }

    public override void Sync() => Add(new NamesSynced());

    public override void Dispose()
    {
    }

    private void Add(Change change)
    {
        lock (_lock)
        {
            if (change is Written or Linked && Budget-- <= 0)
                throw new BlockException(BlockErrno.ENOSPC, "No space left.");
            _log.Add(change);
        }
    }

    private static PowerCutFiles Replay(Change[] log, Random random)
    {
        var result = new PowerCutFiles();
        var contents = new Dictionary<MemoryFile, MemoryFile>();
        var lastSync = new Dictionary<MemoryFile, int>();
        int lastNames = Array.FindLastIndex(log, c => c is NamesSynced);
        for (int i = 0; i < log.Length; i++)
        {
            if (log[i] is Synced synced)
                lastSync[synced.File] = i;
        }

        for (int i = 0; i < log.Length; i++)
        {
            switch (log[i])
            {
                case Linked link when lastNames > i || random.Next(2) == 0:
                    if (link.File is null)
                        result._files.Remove(link.Name);
                    else
                        result._files[link.Name] = ContentOf(link.File);
                    break;
                case Written write:
                    bool whole = lastSync.GetValueOrDefault(write.File) > i;
                    Apply(ContentOf(write.File), write, whole ? 2 : random.Next(3), random);
                    break;
                case Cut cut when lastSync.GetValueOrDefault(cut.File) > i || random.Next(2) == 0:
                    ContentOf(cut.File).Resize(cut.Length);
                    break;
            }
        }

        return result;

        MemoryFile ContentOf(MemoryFile file) => contents.TryGetValue(file, out MemoryFile? content)
            ? content
            : contents[file] = new MemoryFile(result, file.Name);
    }

    // 0: nothing of it came down, 1: some of its sectors, 2: all.
    private static void Apply(MemoryFile file, Written write, int how, Random random)
    {
        for (int at = 0; how > 0 && at < write.Data.Length; at += Sector)
        {
            if (how == 2 || random.Next(2) == 0)
                file.Put(write.Offset + at, write.Data.AsSpan(at, Math.Min(Sector, write.Data.Length - at)));
        }
    }

    /// <summary>One open of a file.</summary>
    private sealed class Handle(MemoryFile file) : StoreFile
    {
        public override string Name => file.Name;

        public override long Length => file.Length;

        public override long AllocatedBytes => file.Length;

        public override DateTime ModifiedAt => DateTime.UnixEpoch;

        public override bool TryRead(long offset, Span<byte> buffer)
        {
            Read(offset, buffer);
            return true;
        }

        public override void Read(long offset, Span<byte> buffer) => file.Get(offset, buffer);

        public override int WriteSome(long offset, ReadOnlySpan<byte> data)
        {
            file.Owner.Add(new Written(file, offset, data.ToArray()));
            file.Put(offset, data);
            return data.Length;
        }

        public override void Sync() => file.Owner.Add(new Synced(file));

        public override void PunchHole(long offset, long length)
        {
            int count = (int)Math.Max(0, Math.Min(length, file.Length - offset));
            if (count == 0)
                return;
            file.Owner.Add(new Written(file, offset, new byte[count]));
            file.Put(offset, new byte[count]);
        }

        public override void Reserve(long offset, long length)
        {
        }

        public override void Truncate(long length)
        {
            file.Owner.Add(new Cut(file, length));
            file.Resize(length);
        }

        public override void Dispose()
        {
        }
    }

    private sealed class MemoryFile(PowerCutFiles owner, string name)
    {
        private readonly Lock _lock = new();
        private byte[] _bytes = [];

        public PowerCutFiles Owner { get; } = owner;

        public string Name { get; } = name;

        public long Length { get; private set; }

        public void Get(long offset, Span<byte> buffer)
        {
            lock (_lock)
            {
                if (buffer.IsEmpty)
                    return;
                if (offset + buffer.Length > Length)
                    throw new BlockException(BlockErrno.EIO, $"{Name} ends at {Length}, before {offset + buffer.Length}.");
                _bytes.AsSpan((int)offset, buffer.Length).CopyTo(buffer);
            }
        }

        public void Put(long offset, ReadOnlySpan<byte> data)
        {
            lock (_lock)
            {
                if (offset + data.Length > Length)
                    Resize(offset + data.Length);
                data.CopyTo(_bytes.AsSpan((int)offset));
            }
        }

        public void Resize(long length)
        {
            lock (_lock)
            {
                if (length > _bytes.Length)
                    Array.Resize(ref _bytes, (int)Math.Max(length, 2L * _bytes.Length));
                if (length < Length)
                    _bytes.AsSpan((int)length, (int)(Length - length)).Clear();
                Length = length;
            }
        }
    }
}
