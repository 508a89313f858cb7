using Pewter.Blocks.Layers.Files;

namespace Pewter.Blocks.Layers;

/// <summary>
/// A directory of copy-on-write disks: immutable layers and writable disks over them. A change has happened when its record is durable in the
/// journal; files without a record are swept away at the next start. Ids are never reused. All members may be called at once.
/// </summary>
/// <remarks>Lock order: the gate (one change at a time), then a device's own locks, then <c>_lock</c> (the tables in memory).</remarks>
public sealed partial class LayerStore : IAsyncDisposable
{
    private readonly StoreFiles _files;
    private readonly TimeProvider _time;
    private readonly StoreJournal _journal;
    private readonly SemaphoreSlim _gate = new(1);
    private readonly Lock _lock = new();
    private readonly Dictionary<string, SealedLayer> _sealed = [];
    private readonly Dictionary<string, LayeredDevice> _writers = [];
    private readonly Dictionary<string, int> _readers = [];
    private volatile StoreState _state;

    private LayerStore(StoreFiles files, TimeProvider time)
    {
        _files = files;
        _time = time;
        try
        {
            _journal = StoreJournal.Open(files, out StoreState state);
            _state = state;
            Sweep();
        }
        catch
        {
            _journal?.Dispose();
            files.Dispose();
            throw;
        }
    }

    /// <summary>Opens or makes the store in a directory and ends what a crash interrupted. EBUSY when another process has it open.</summary>
    public static ValueTask<LayerStore> OpenAsync(string directory, TimeProvider? time = null)
    {
        try
        {
            return OpenAsync(new DirectoryFiles(directory), time ?? TimeProvider.System);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new BlockException(BlockErrno.EIO, $"The store {directory} cannot be opened: {e.Message}", e);
        }
    }

    internal static async ValueTask<LayerStore> OpenAsync(StoreFiles files, TimeProvider time)
    {
        var store = new LayerStore(files, time);
        foreach (DiskInfo disk in store.Disks.Where(d => d.ShrinkingTo is not null))
            await store.ResizeAsync(disk.Id, disk.ShrinkingTo!.Value);
        return store;
    }

    /// <summary>All disks.</summary>
    public IReadOnlyCollection<DiskInfo> Disks => [.. _state.Disks.Values];

    /// <summary>All layers.</summary>
    public IReadOnlyCollection<LayerInfo> Layers => [.. _state.Layers.Values];

    /// <summary>Finds a disk by id or name. ENOENT when there is none.</summary>
    public DiskInfo Disk(string idOrName) => FindDisk(idOrName) ?? throw new BlockException(BlockErrno.ENOENT, $"There is no disk {idOrName}.");

    /// <summary>Finds a layer by id or name. ENOENT when there is none.</summary>
    public LayerInfo Layer(string idOrName) => FindLayer(idOrName) ?? throw new BlockException(BlockErrno.ENOENT, $"There is no layer {idOrName}.");

    /// <summary>Finds a disk by id or name.</summary>
    public DiskInfo? FindDisk(string idOrName) =>
        _state.Disks.GetValueOrDefault(idOrName) ?? _state.Disks.Values.FirstOrDefault(d => d.Name == idOrName);

    /// <summary>Finds a layer by id or name.</summary>
    public LayerInfo? FindLayer(string idOrName) =>
        _state.Layers.GetValueOrDefault(idOrName) ?? _state.Layers.Values.FirstOrDefault(l => l.Name == idOrName);

    /// <summary>The layers that a disk or layer stands on, nearest first; a layer comes first itself.</summary>
    public IReadOnlyList<LayerInfo> Lineage(string idOrName) =>
        [.. _state.Lineage(FindDisk(idOrName) is { } disk ? disk.Parent : Layer(idOrName).Id)];

    /// <summary>The ids of the disks and layers that stand directly on a layer.</summary>
    public IReadOnlyList<string> Dependants(string layer) => [.. _state.Dependants(Layer(layer).Id)];

    /// <summary>Disk space of a disk's top or of a layer, without what it stands on.</summary>
    public long UsedBytes(string idOrName)
    {
        string id = FindDisk(idOrName)?.Top ?? Layer(idOrName).Id;
        long used = 0;
        foreach (string name in (string[])[LayerFiles.Data(id), LayerFiles.Map(id)])
        {
            if (!_files.Exists(name))
                continue;
            using StoreFile file = _files.Open(name, create: false, writable: false);
            used += file.AllocatedBytes;
        }

        return used;
    }

    /// <summary>Opens a disk to read and write. EBUSY while it is open already: a disk has one writer, which many sessions may share.</summary>
    public LayeredDevice OpenDisk(string idOrName)
    {
        DiskInfo disk = Disk(idOrName);
        if (disk.Import is not null)
            throw new BlockException(BlockErrno.EBUSY, $"Disk {disk.Id} is still being imported from {disk.Import}.");
        return OpenWriter(disk);
    }

    /// <summary>Opens a layer to read. Any number of devices may be open on it.</summary>
    public LayeredDevice OpenLayer(string idOrName)
    {
        LayerInfo layer = Layer(idOrName);
        lock (_lock)
        {
            var stack = new LayerStack(null, SealedOf(layer.Id));
            _readers[layer.Id] = _readers.GetValueOrDefault(layer.Id) + 1;
            return new LayeredDevice(layer.Id, stack, layer.Length, new HeatMap(_time), CloseReader);
        }
    }

    /// <summary>Closes every open disk in order, so that the next start has nothing to recover.</summary>
    public async ValueTask DisposeAsync()
    {
        foreach (LayeredDevice device in OpenWriters())
            await device.DisposeAsync();
        foreach (SealedLayer layer in _sealed.Values)
            layer.Dispose();
        _journal.Dispose();
        _files.Dispose();
        _gate.Dispose();
    }

    private List<LayeredDevice> OpenWriters()
    {
        lock (_lock)
            return [.. _writers.Values];
    }

    private LayeredDevice OpenWriter(DiskInfo disk)
    {
        lock (_lock)
        {
            if (_writers.ContainsKey(disk.Id))
                throw new BlockException(BlockErrno.EBUSY, $"Disk {disk.Id} is open for writing already.");
            SealedLayer? below = disk.Parent is null ? null : SealedOf(disk.Parent);
            var open = new OpenLayer(_files, disk.Top, disk.Length);
            var stack = new LayerStack(open, below);
            var device = new LayeredDevice(disk.Id, stack, disk.Length, new HeatMap(_time), CloseWriter, new DiskState(_files, disk.Id));
            _writers.Add(disk.Id, device);
            return device;
        }
    }

    private async ValueTask CloseWriter(LayeredDevice device)
    {
        try
        {
            await device.SwapAsync(
                open =>
                {
                    open.DropLive();
                    return device.Stack;
                },
                CancellationToken.None);
        }
        finally
        {
            device.Stack.Open!.Dispose();
            lock (_lock)
                _writers.Remove(device.Id);
        }
    }

    private ValueTask CloseReader(LayeredDevice device)
    {
        lock (_lock)
        {
            if (--_readers[device.Id] == 0)
                _readers.Remove(device.Id);
        }

        return ValueTask.CompletedTask;
    }

    // The caller holds _lock. Built from the root up, without recursion: lineages may be thousands deep.
    private SealedLayer SealedOf(string id)
    {
        SealedLayer? parent = null;
        foreach (LayerInfo info in _state.Lineage(id).Reverse())
        {
            if (!_sealed.TryGetValue(info.Id, out SealedLayer? layer))
            {
                layer = new SealedLayer(_files, info.Id, info.Length, info.Files, parent);
                _sealed.Add(info.Id, layer);
            }

            parent = layer;
        }

        return parent!;
    }
}
