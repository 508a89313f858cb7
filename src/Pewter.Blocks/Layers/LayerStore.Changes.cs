using System.Globalization;
namespace Pewter.Blocks.Layers;

/// <content>The changes: each is one record, or an intent that the next start drives to its end.</content>
public sealed partial class LayerStore
{
    /// <summary>Makes an empty disk.</summary>
    /// <param name="length">Bytes: a multiple of 512, at most 16 TiB.</param>
    /// <param name="name">A name unique among disks, or null.</param>
    /// <param name="cancellation">Gives up before the change, never in it.</param>
    public async ValueTask<DiskInfo> CreateDiskAsync(long length, string? name = null, CancellationToken cancellation = default) =>
        (await CreateDisksAsync(1, length, name, null, cancellation))[0];

    /// <summary>Makes many empty disks, all or none; names and numbers as <see cref="CloneManyAsync"/> has them.</summary>
    public async ValueTask<IReadOnlyList<DiskInfo>> CreateDisksAsync(
        int count, long length, string? name = null, long? first = null, CancellationToken cancellation = default)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(count);
        CheckLength(length);
        return await CreateAsync(new Wish(count, name, null, length) { First = first }, cancellation);
    }

    /// <summary>Makes a disk over a layer; the time it takes does not depend on any size.</summary>
    public async ValueTask<DiskInfo> CloneAsync(string layer, string? name = null, CancellationToken cancellation = default) =>
        (await CloneManyAsync(layer, 1, name, cancellation: cancellation))[0];

    /// <summary>Makes many disks over a layer, all or none. Named <c>name</c>, or <c>name-1</c>, <c>name-2</c>, … when there are several.</summary>
    /// <param name="layer">The layer's id or name.</param>
    /// <param name="count">How many.</param>
    /// <param name="name">Their name, or null.</param>
    /// <param name="first">
    /// The number of the first one's id, of whoever keeps numbers himself and never gives one twice; EEXIST when it is there. Null: the store's own.
    /// </param>
    /// <param name="length">Bytes, not less than the layer has; null: as the layer.</param>
    /// <param name="cancellation">Gives up before the change, never in it.</param>
    public async ValueTask<IReadOnlyList<DiskInfo>> CloneManyAsync(
        string layer, int count, string? name = null, long? first = null, long? length = null, CancellationToken cancellation = default)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(count);
        LayerInfo from = Layer(layer);
        CheckLength(length ?? from.Length);
        if (length < from.Length)
            throw new BlockException(BlockErrno.EINVAL, $"Layer {from.Id} has {from.Length} bytes; a disk over it cannot begin with {length}.");
        return await CreateAsync(new Wish(count, name, from.Id, length ?? from.Length) { First = first }, cancellation);
    }

    /// <summary>Freezes what a disk holds now as a layer; the disk goes on above it, open or not.</summary>
    public async ValueTask<LayerInfo> SnapshotAsync(string disk, string? name = null, CancellationToken cancellation = default)
    {
        await _gate.WaitAsync(cancellation);
        try
        {
            DiskInfo info = Disk(disk);
            RefuseTaken(name, FindLayer);
            if (_state.Lineage(info.Parent).Count() >= SealedLayer.MaxDepth)
                throw new BlockException(BlockErrno.EOVERFLOW, $"Disk {info.Id} stands on {SealedLayer.MaxDepth} layers: flatten it first.");
            string layer = info.Top;
            string top = NewId('l', 0);
            await WithWriterAsync(info, device => device.SwapAsync(open => SealTop(info, open, device, name, top), cancellation));
            return Layer(layer);
        }
        finally
        {
            _gate.Release();
        }
    }

    /// <summary>Throws away what a disk holds above a layer of its lineage. EBUSY while the disk is open.</summary>
    public async ValueTask RollbackAsync(string disk, string layer, CancellationToken cancellation = default)
    {
        await _gate.WaitAsync(cancellation);
        try
        {
            DiskInfo info = Disk(disk);
            LayerInfo target = Layer(layer);
            if (!_state.Lineage(info.Parent).Any(l => l.Id == target.Id))
                throw new BlockException(BlockErrno.EINVAL, $"Disk {info.Id} does not stand on layer {target.Id}.");
            RefuseOpen(info.Id);
            Commit(new StoreRecord(StoreOperation.Rollback)
            {
                Disk = info.Id, Top = NewId('l', 0), Parent = target.Id, Length = target.Length, Next = _state.Next + 1,
            });
            DeleteFiles(info.Top);
        }
        finally
        {
            _gate.Release();
        }
    }

    /// <summary>Changes a disk's size; what a smaller size cuts off is gone. Growing may happen under a running client.</summary>
    public async ValueTask ResizeAsync(string disk, long length, CancellationToken cancellation = default)
    {
        CheckLength(length);
        await _gate.WaitAsync(cancellation);
        try
        {
            DiskInfo info = Disk(disk);
            if (length < info.Length)
                Commit(new StoreRecord(StoreOperation.Shrink) { Disk = info.Id, Length = length, Next = _state.Next });
            await WithWriterAsync(info, device => ResizeAsync(info, device, length));
        }
        finally
        {
            _gate.Release();
        }
    }

    /// <summary>
    /// Copies all that a disk's lower layers hold into its top, beside running clients, and lets go of them. May be repeated after a failure.
    /// </summary>
    public async ValueTask FlattenAsync(string disk, IProgress<long>? copied = null, CancellationToken cancellation = default)
    {
        DiskInfo info = Disk(disk);
        await WithWriterAsync(info, async device =>
        {
            await device.CopyUpAsync(copied, cancellation);
            await _gate.WaitAsync(cancellation);
            try
            {
                // A snapshot meanwhile has sealed what was copied; the copy below the new top is complete, but it is a layer of its own now.
                if (Disk(info.Id).Parent != info.Parent)
                    throw new BlockException(BlockErrno.EBUSY, $"Disk {info.Id} was snapshot while it was flattened: repeat.");
                await device.SwapAsync(open => Detach(info, open), cancellation);
            }
            finally
            {
                _gate.Release();
            }
        });
    }

    /// <summary>Lets go of a disk's lower layers and copies nothing: for a disk whose blocks lie elsewhere.</summary>
    public async ValueTask DetachAsync(string disk, CancellationToken cancellation = default)
    {
        await _gate.WaitAsync(cancellation);
        try
        {
            DiskInfo info = Disk(disk);
            await WithWriterAsync(info, device => device.SwapAsync(open => Detach(info, open), cancellation));
        }
        finally
        {
            _gate.Release();
        }
    }

    /// <summary>Renames a disk or a layer.</summary>
    public async ValueTask RenameAsync(string idOrName, string? name, CancellationToken cancellation = default)
    {
        await _gate.WaitAsync(cancellation);
        try
        {
            if (FindDisk(idOrName) is { } disk)
            {
                RefuseTaken(name, FindDisk);
                Commit(new StoreRecord(StoreOperation.Rename) { Disk = disk.Id, Name = name, Next = _state.Next });
                return;
            }

            LayerInfo layer = Layer(idOrName);
            RefuseTaken(name, FindLayer);
            Commit(new StoreRecord(StoreOperation.Rename) { Layer = layer.Id, Name = name, Next = _state.Next });
        }
        finally
        {
            _gate.Release();
        }
    }

    /// <summary>Removes a disk and frees its space. EBUSY while it is open.</summary>
    public async ValueTask DeleteDiskAsync(string disk, CancellationToken cancellation = default)
    {
        await _gate.WaitAsync(cancellation);
        try
        {
            DiskInfo info = Disk(disk);
            RefuseOpen(info.Id);
            Commit(new StoreRecord(StoreOperation.DeleteDisk) { Disk = info.Id, Next = _state.Next });
            DeleteFiles(info.Top);
            _files.Delete(LayerFiles.State(info.Id));
            _files.Delete(LayerFiles.NextState(info.Id));
        }
        finally
        {
            _gate.Release();
        }
    }

    /// <summary>Removes a layer. EBUSY, naming them, while disks or layers stand on it, or it is open.</summary>
    public async ValueTask DeleteLayerAsync(string layer, CancellationToken cancellation = default)
    {
        await _gate.WaitAsync(cancellation);
        try
        {
            LayerInfo info = Layer(layer);
            string[] dependants = [.. _state.Dependants(info.Id)];
            if (dependants.Length > 0)
            {
                string names = string.Join(", ", dependants);
                throw new BlockException(BlockErrno.EBUSY, $"Layer {info.Id} carries {names}: remove or flatten those first.");
            }

            RefuseOpen(info.Id);
            Commit(new StoreRecord(StoreOperation.DeleteLayer) { Layer = info.Id, Next = _state.Next });
            DeleteFiles(info.Id);
        }
        finally
        {
            _gate.Release();
        }
    }

    internal static void CheckLength(long length)
    {
        if (length is <= 0 or > LayerFormat.MaxLength || length % 512 != 0)
            throw new BlockException(BlockErrno.EINVAL, $"A disk of {length} bytes cannot be: sizes are multiples of 512 up to 16 TiB.");
    }

    private async ValueTask<IReadOnlyList<DiskInfo>> CreateAsync(Wish wish, CancellationToken cancellation)
    {
        await _gate.WaitAsync(cancellation);
        try
        {
            if (wish.Parent is not null)
                Layer(wish.Parent);
            StoreRecord[] records = [.. Enumerable.Range(0, wish.Count).Select(i => Record(wish, i))];
            foreach (StoreRecord record in records)
            {
                RefuseTaken(record.Name, FindDisk);
                if (_state.Disks.ContainsKey(record.Disk!))
                    throw new BlockException(BlockErrno.EEXIST, $"There is a disk {record.Disk} already.");
            }

            Commit(records);
            return [.. records.Select(r => _state.Disks[r.Disk!])];
        }
        finally
        {
            _gate.Release();
        }
    }

    private StoreRecord Record(Wish wish, int i) => new(StoreOperation.CreateDisk)
    {
        // An import is no disk that anybody numbers.
        Disk = wish.First is { } first ? string.Create(CultureInfo.InvariantCulture, $"d{first + i}")
            : NewId(wish.Import is null ? 'd' : 'i', 2 * i),
        Top = NewId('l', (2 * i) + 1),
        Parent = wish.Parent,
        Length = wish.Length,
        Name = wish.Count == 1 || wish.Name is null ? wish.Name : string.Create(CultureInfo.InvariantCulture, $"{wish.Name}-{i + 1}"),
        Import = wish.Import,
        Next = Math.Max(_state.Next + (2 * i) + 2, (wish.First ?? 0) + i + 1),
    };

    // The caller holds the gate.
    private void Commit(params StoreRecord[] records)
    {
        StoreState next = _state;
        for (int i = 0; i < records.Length; i++)
        {
            records[i] = records[i] with { At = _time.GetUtcNow() };
            next = next.Apply(records[i]);
        }

        _journal.Append(records, next);
        _state = next;
    }

    private string NewId(char kind, int after) => string.Create(CultureInfo.InvariantCulture, $"{kind}{_state.Next + after}");

    private LayerStack SealTop(DiskInfo info, OpenLayer open, LayeredDevice device, string? name, string top)
    {
        SealedFiles sealedFiles = FilesOf(open);
        Commit(new StoreRecord(StoreOperation.Snapshot)
        {
            Disk = info.Id, Layer = open.Id, Top = top, Name = name, Length = device.Length, Sealed = sealedFiles, Next = _state.Next + 1,
        });
        var layer = new SealedLayer(_files, open.Id, device.Length, sealedFiles, device.Stack.Below, open.Release());
        lock (_lock)
            _sealed.Add(layer.Id, layer);
        return new LayerStack(new OpenLayer(_files, top, device.Length), layer);
    }

    private LayerStack Detach(DiskInfo info, OpenLayer open)
    {
        Commit(new StoreRecord(StoreOperation.Detach) { Disk = info.Id, Next = _state.Next });
        return new LayerStack(open, null);
    }

    private static SealedFiles FilesOf(OpenLayer open) =>
        open.Data is { } data ? new SealedFiles(true, data.Length, data.ModifiedAt) : SealedFiles.None;

    private async ValueTask ResizeAsync(DiskInfo info, LayeredDevice device, long length)
    {
        if (length < device.Length)
        {
            await device.WriteZeroesAsync(length, device.Length - length, mayUnmap: true, fua: true, CancellationToken.None);
            device.ChangeLength(length);
        }

        Commit(new StoreRecord(StoreOperation.Resize) { Disk = info.Id, Length = length, Next = _state.Next });
        if (length > device.Length)
            device.ChangeLength(length);
    }

    // Works on the open device if there is one, else on one opened for the occasion.
    private async ValueTask WithWriterAsync(DiskInfo disk, Func<LayeredDevice, ValueTask> action)
    {
        LayeredDevice? device;
        lock (_lock)
            _writers.TryGetValue(disk.Id, out device);
        if (device is not null)
        {
            await action(device);
            return;
        }

        await using LayeredDevice own = OpenWriter(disk);
        await action(own);
    }

    private void RefuseOpen(string id)
    {
        lock (_lock)
        {
            if (_writers.ContainsKey(id) || _readers.ContainsKey(id))
                throw new BlockException(BlockErrno.EBUSY, $"{id} is in use: disconnect its clients first.");
        }
    }

    private static void RefuseTaken(string? name, Func<string, object?> find)
    {
        if (name is not null && find(name) is not null)
            throw new BlockException(BlockErrno.EEXIST, $"The name {name} is taken.");
    }

    private void DeleteFiles(string layer)
    {
        lock (_lock)
        {
            if (_sealed.Remove(layer, out SealedLayer? sealedLayer))
                sealedLayer.Dispose();
        }

        _files.Delete(LayerFiles.Data(layer));
        _files.Delete(LayerFiles.Map(layer));
        _files.Delete(LayerFiles.Live(layer));
        _files.Delete(LayerFiles.Heat(layer));
    }

    private readonly record struct Wish(int Count, string? Name, string? Parent, long Length)
    {
        public long? First { get; init; }

        public string? Import { get; init; }
    }
}
