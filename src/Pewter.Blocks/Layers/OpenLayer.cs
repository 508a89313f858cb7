using Pewter.Blocks.Layers.Files;

namespace Pewter.Blocks.Layers;

/// <summary>
/// The writable top layer of one disk: its files, made at the first write, and the map in memory.
/// </summary>
/// <remarks>
/// Who may call: pages are read by anyone; they change under the caller's stripe lock of their page (one stripe covers whole pages).
/// <see cref="Persist"/>, <see cref="Settle"/> and <see cref="Dispose"/> are called by one flusher at a time.
/// Order on the disk: data is durable before a page that says it is there is written, so an entry never points at nothing; an intent is durable
/// before data with a stored checksum is overwritten, so a stored checksum is trusted unless its intent is set.
/// </remarks>
internal sealed class OpenLayer : IDisposable
{
    private readonly StoreFiles _files;
    private readonly string _id;
    private readonly Lock _lock = new();
    private readonly List<MapPage> _dirty = [];
    private long _length;
    private MapPage?[]?[] _directories;
    private IntentSet? _intents;
    private StoreFile? _data;
    private MapFile? _map;
    private LiveMap? _live;
    private readonly bool _isFresh;
    private int _dataUnsynced;
    private BlockException? _failure;

    public OpenLayer(StoreFiles files, string id, long length)
    {
        _files = files;
        _id = id;
        _length = length;
        _directories = new MapPage?[]?[DirectoriesOf(length)];
        bool hasData = files.Exists(LayerFiles.Data(id));
        _isFresh = !files.Exists(LayerFiles.Map(id));
        if (_isFresh && hasData)
            throw new BlockException(BlockErrno.EIO, $"{LayerFiles.Map(id)}, the map of {LayerFiles.Data(id)}, has vanished from the store.");
        if (_isFresh)
            return;
        _map = MapFile.Open(files, LayerFiles.Map(id), isSealed: false);
        if (!hasData && _map.HasPages)
            throw new BlockException(BlockErrno.EIO, $"{LayerFiles.Data(id)}, described by {LayerFiles.Map(id)}, has vanished from the store.");
        _data = files.Open(LayerFiles.Data(id), create: true, writable: true);
        _intents = new IntentSet(_map, length);
        Recover(length);
        TakeLive(length);
    }

    public string Id => _id;

    /// <summary>The data file; null until something was written.</summary>
    public StoreFile? Data => _data;

    public bool HasFiles => _data is not null;

    public long AllocatedBytes => (_data?.AllocatedBytes ?? 0) + (_map?.AllocatedBytes ?? 0);

    public bool HasChecksumsToAdopt { get; private set; }

    /// <summary>Makes the files of a layer that was never written. Their names are durable on return, so a missing one is seen later.</summary>
    public void EnsureFiles()
    {
        if (Volatile.Read(ref _data) is not null)
            return;
        lock (_lock)
        {
            if (_data is not null)
                return;
            _map ??= MapFile.Create(_files, LayerFiles.Map(_id));
            _files.Sync();
            StoreFile data = _files.Open(LayerFiles.Data(_id), create: true, writable: true);
            _files.Sync();
            _intents = new IntentSet(_map, _length);
            _live = OpenLive();
            Volatile.Write(ref _data, data);
        }
    }

    /// <summary>Finds a page in memory. False when the file has to be asked; true with null when the layer has nothing there.</summary>
    public bool TryPage(int index, out MapPage? page)
    {
        page = _directories[index >> 8]?[index & 255];
        if (page is null)
            return _isFresh || _data is null;
        if (page == MapPage.Missing)
            page = null;
        return true;
    }

    /// <summary>Finds a page, in the file if need be.</summary>
    public MapPage? Page(int index)
    {
        if (TryPage(index, out MapPage? page))
            return page;
        lock (_lock)
        {
            if (TryPage(index, out page))
                return page;
            var loaded = new MapPage(index);
            bool exists = _map!.TryReadPage(index, loaded.Entries, out ulong sequence);
            loaded.Sequence = sequence;
            loaded.IsStored = exists;
            Publish(index, exists ? loaded : MapPage.Missing);
            return exists ? loaded : null;
        }
    }

    /// <summary>Finds or makes a page to write to, with space for its states. The files exist; under the stripe lock.</summary>
    public MapPage PageForWriting(int index)
    {
        MapPage? page = Page(index);
        if (page is { IsReserved: true })
            return page;
        lock (_lock)
        {
            _live?.Reserve(index);
            if (page is null)
            {
                _map!.ReservePage(index);
                page = new MapPage(index);
                Publish(index, page);
            }

            page.IsReserved = true;
            return page;
        }
    }

    /// <summary>Whether overwriting in this page must first make an intent durable, which waits for the disk.</summary>
    public bool NeedsIntent(MapPage page) => page.IsStored && !_intents!.Contains(page.Index / LayerFormat.PagesPerIntent);

    public void EnsureIntent(MapPage page)
    {
        if (page.IsStored)
            _intents!.Add(page.Index / LayerFormat.PagesPerIntent);
    }

    /// <summary>Keeps the state of blocks where it survives this process. Before the write is acknowledged; under the stripe lock.</summary>
    public void Note(MapPage page, int first, int count, LiveState state) => _live?.Set(page.Index, first, count, state);

    public void DataWritten() => Volatile.Write(ref _dataUnsynced, 1);

    /// <summary>Notes that entries changed; <paramref name="blocksCame"/> when blocks came or went and not only checksums changed.</summary>
    public void Changed(MapPage page, bool blocksCame)
    {
        page.ChecksumsChanged = true;
        if (!blocksCame || page.MustPersist)
            return;
        page.MustPersist = true;
        lock (_lock)
            _dirty.Add(page);
    }

    /// <summary>Makes every write that completed before the call durable.</summary>
    /// <param name="stripeOf">The lock of a page.</param>
    public void Persist(Func<int, Lock> stripeOf)
    {
        if (_data is null)
            return;
        // What one fdatasync failed to write, the next would silently pass over: the layer fails until it is opened again.
        if (_failure is not null)
            throw _failure;
        List<MapPage> pages = TakeDirty();
        if (pages.Count > 0)
            new MapPersister(_map!, stripeOf, SyncData, SyncMap).Store(pages, Redirty);
        else if (Volatile.Read(ref _dataUnsynced) == 1)
            SyncData();
    }

    /// <summary>Stores every checksum and takes the intents back. The caller holds every stripe, so nothing is being written.</summary>
    public void Settle(Func<int, Lock> stripeOf)
    {
        if (_data is null)
            return;
        foreach (MapPage page in AllPages())
        {
            if (page.ChecksumsChanged)
                Changed(page, blocksCame: true);
        }

        Persist(stripeOf);
        _intents!.Clear();
        _map!.MarkClean(true);
    }

    /// <summary>Makes room in the map for a longer disk. The caller holds every stripe.</summary>
    public void Grow(long length)
    {
        lock (_lock)
        {
            _length = length;
            _intents?.Grow(length);
            _live?.Grow(length);
            if (DirectoriesOf(length) > _directories.Length)
                Array.Resize(ref _directories, DirectoriesOf(length));
        }
    }

    /// <summary>Hands the data file over to the sealed layer that this one became.</summary>
    public StoreFile? Release()
    {
        DropLive();
        _map?.Dispose();
        return _data;
    }

    /// <summary>The layer is settled and will be closed: what a killed process would leave is not needed.</summary>
    public void DropLive()
    {
        _live?.Dispose();
        _live = null;
        _files.Delete(LayerFiles.Live(_id));
    }

    public void Dispose()
    {
        _live?.Dispose();
        _map?.Dispose();
        _data?.Dispose();
    }

    /// <summary>The pages that were written or read so far.</summary>
    public IEnumerable<MapPage> AllPages() =>
        _directories.Where(d => d is not null).SelectMany(d => d!).Where(p => p is not null && p != MapPage.Missing)!;

    private static int DirectoriesOf(long length) => (LayerFormat.PageCount(length) + 255) >> 8;

    private void Publish(int index, MapPage page)
    {
        MapPage?[] directory = _directories[index >> 8] ?? new MapPage?[256];
        Volatile.Write(ref directory[index & 255], page);
        Volatile.Write(ref _directories[index >> 8], directory);
    }

    private void SyncData()
    {
        Volatile.Write(ref _dataUnsynced, 0);
        Sync(_data!.Sync);
    }

    private void SyncMap() => Sync(_map!.Sync);

    private void Sync(Action sync)
    {
        try
        {
            sync();
        }
        catch (BlockException e)
        {
            _failure = e;
            throw;
        }
    }

    private List<MapPage> TakeDirty()
    {
        lock (_lock)
        {
            List<MapPage> pages = [.. _dirty];
            _dirty.Clear();
            return pages;
        }
    }

    private void Redirty(MapPage page)
    {
        lock (_lock)
            _dirty.Add(page);
    }

    // After a crash the checksums under an intent may be older than the data: they are forgotten here and computed again by Adopt.
    private void Recover(long length)
    {
        int pages = LayerFormat.PageCount(length);
        foreach (int group in _intents!.All())
        {
            for (int i = group * LayerFormat.PagesPerIntent; i < Math.Min(pages, (group + 1) * LayerFormat.PagesPerIntent); i++)
            {
                if (Page(i) is not { } page)
                    continue;
                foreach (ref uint entry in page.Entries.AsSpan())
                    entry = LayerFormat.IsData(entry) ? LayerFormat.Unknown : entry;
                Changed(page, blocksCame: true);
                HasChecksumsToAdopt = true;
            }
        }
    }

    private LiveMap? OpenLive() => _files.SharedPath(LayerFiles.Live(_id)) is { } path ? new LiveMap(path, _length) : null;

    // What a killed process had acknowledged and not flushed: which blocks came and went; their checksums are computed again.
    private void TakeLive(long length)
    {
        if (_files.SharedPath(LayerFiles.Live(_id)) is not { } path)
            return;
        List<(int Page, byte[] States)> left = [.. LiveMap.ReadLeft(path).Where(l => l.Page < LayerFormat.PageCount(length))];
        foreach ((int index, byte[] states) in left)
        {
            MapPage page = PageForWriting(index);
            for (int i = 0; i < states.Length; i++)
            {
                if (states[i] != 0)
                    page.Entries[i] = EntryOf((LiveState)states[i]);
            }

            Changed(page, blocksCame: true);
            HasChecksumsToAdopt = true;
        }

        if (left.Count > 0)
            Persist(_ => _lock);
        _live = OpenLive();
        foreach (MapPage page in AllPages())
            page.IsReserved = false;
    }

    private static uint EntryOf(LiveState state) => state switch
    {
        LiveState.Absent => LayerFormat.Absent,
        LiveState.Zero => LayerFormat.Zero,
        _ => LayerFormat.Unknown,
    };
}
