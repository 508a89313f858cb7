using System.Globalization;
using System.Security.Cryptography;
using Pewter.Blocks;
using Pewter.Blocks.Layers;
using Pewter.Blocks.Rbd;

namespace Pewter.Disks;

/// <summary>
/// The disks of a store whose blocks lie in a Ceph pool. The store has each of them too, over the same layers and with nothing written, so that
/// ids, sizes, names and lineages are where those of the others are; where the blocks are stands in a file beside it. Called under the server's
/// gate, but for what only reads; the cluster is asked when first needed.
/// </summary>
/// <remarks>
/// A layer of the store is copied into the pool once, when its first disk is made there; disks are clones of the copy's protected snapshot. A disk
/// is frozen by a protected snapshot of its image, and rolled back by a new clone in the place of its image. An image that a snapshot is still
/// needed of outlives its disk. What the file or the store do not know any more is swept from the pool.
/// </remarks>
internal sealed class RbdShelf(RbdConfig? config, string directory, LayerStore store) : IAsyncDisposable
{
    private const string Base = "base";
    private const int CopyBytes = 4 << 20;

    private readonly string _path = Path.Join(directory, "rbd.json");
    private readonly Lock _lock = new();
    private readonly SemaphoreSlim _connecting = new(1);
    private RbdPlaces _places = RbdPlaces.Load(Path.Join(directory, "rbd.json"))
        ?? new RbdPlaces { Tag = "pewter-" + Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(5)) };

    private RbdCluster? _cluster;

    /// <summary>Whether a disk lies in the pool.</summary>
    public bool Has(string disk)
    {
        lock (_lock)
            return _places.Disks.ContainsKey(disk);
    }

    /// <summary>Whether a layer is in the pool alone.</summary>
    public bool HasLayer(string layer)
    {
        lock (_lock)
            return _places.Layers.GetValueOrDefault(layer) is { IsCopy: false };
    }

    /// <summary>Ends what a crash interrupted, and removes from the pool what nothing needs any more.</summary>
    public async ValueTask SweepAsync(CancellationToken cancellation)
    {
        if (!File.Exists(_path))
            return;
        RbdCluster cluster = await ClusterAsync(cancellation);
        foreach ((string disk, RbdDiskPlace place) in _places.Disks.ToArray())
        {
            if (place.Next is null || store.FindDisk(disk) is null)
                continue;
            await store.RollbackAsync(disk, place.NextLayer!, cancellation);
            CompleteRollback(disk);
        }

        Change(p => Remove(p.Disks, p.Disks.Keys.Where(d => store.FindDisk(d) is null)));

        // What stood on a snapshot goes before it.
        while (await SweepLayersAsync(cluster, cancellation) | await SweepImagesAsync(cluster, cancellation)
            && _places.Layers.Keys.Any(l => store.FindLayer(l) is null))
        {
        }
    }

    /// <summary>Makes the blocks of disks that the store is about to have: empty, or as a layer.</summary>
    public async ValueTask CreateAsync(IReadOnlyList<string> disks, string? layer, long length, CancellationToken cancellation)
    {
        RbdCluster cluster = await ClusterAsync(cancellation);
        RbdLayerPlace? parent = layer is null ? null : await LayerAsync(cluster, store.Layer(layer), cancellation);
        foreach (string disk in disks)
        {
            string image = FreeName(disk);
            Change(p => p.Disks[disk] = new RbdDiskPlace(image));
            if (parent is null)
            {
                await cluster.CreateAsync(image, length, cancellation);
                continue;
            }

            await cluster.CloneAsync(parent.Image, parent.Snapshot, image, cancellation);
            if (store.Layer(layer!).Length != length)
                await cluster.ResizeAsync(image, length, cancellation);
        }
    }

    /// <summary>Opens a disk.</summary>
    public async ValueTask<BlockDevice> OpenAsync(string disk, CancellationToken cancellation) =>
        await (await ClusterAsync(cancellation)).OpenAsync(ImageOf(disk), snapshot: null, cancellation);

    /// <summary>Opens a layer that is in the pool alone.</summary>
    public async ValueTask<BlockDevice> OpenLayerAsync(string layer, CancellationToken cancellation)
    {
        RbdLayerPlace place;
        lock (_lock)
            place = _places.Layers[layer];
        return await (await ClusterAsync(cancellation)).OpenAsync(place.Image, place.Snapshot, cancellation);
    }

    /// <summary>Freezes what a disk holds as the layer that the store is about to make of its top. Its clients go on.</summary>
    public async ValueTask FreezeAsync(DiskInfo disk, CancellationToken cancellation)
    {
        RbdCluster cluster = await ClusterAsync(cancellation);
        var place = new RbdLayerPlace(ImageOf(disk.Id), disk.Top, IsCopy: false);
        await TryRemoveSnapshotAsync(cluster, place, cancellation);
        Change(p => p.Layers[disk.Top] = place);
        await cluster.SnapshotAsync(place.Image, place.Snapshot, cancellation);
        await cluster.ProtectAsync(place.Image, place.Snapshot, cancellation);
    }

    /// <summary>Throws away what a closed disk holds above a layer of its lineage, in the pool and in the store.</summary>
    public async ValueTask RollBackAsync(string disk, LayerInfo layer, CancellationToken cancellation)
    {
        if (!store.Lineage(disk).Any(l => l.Id == layer.Id))
            throw new BlockException(BlockErrno.EINVAL, $"Disk {disk} does not stand on layer {layer.Id}.");
        RbdCluster cluster = await ClusterAsync(cancellation);
        RbdLayerPlace parent = await LayerAsync(cluster, layer, cancellation);
        string next = FreeName(disk);
        await UnlessAsync(() => cluster.RemoveAsync(next, cancellation), BlockErrno.ENOENT);
        await cluster.CloneAsync(parent.Image, parent.Snapshot, next, cancellation);

        // From here it happens, at the next start if not now.
        Change(p => p.Disks[disk] = p.Disks[disk] with { Next = next, NextLayer = layer.Id });
        await store.RollbackAsync(disk, layer.Id, CancellationToken.None);
        CompleteRollback(disk);
    }

    /// <summary>Changes a disk's length.</summary>
    public async ValueTask ResizeAsync(string disk, long length, CancellationToken cancellation) =>
        await (await ClusterAsync(cancellation)).ResizeAsync(ImageOf(disk), length, cancellation);

    /// <summary>Copies into a disk what it reads from the layers it stands on, and lets go of them.</summary>
    public async ValueTask FlattenAsync(string disk, CancellationToken cancellation)
    {
        await (await ClusterAsync(cancellation)).FlattenAsync(ImageOf(disk), cancellation);
        await store.DetachAsync(disk, cancellation);
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        if (_cluster is not null)
            await _cluster.DisposeAsync();
        _connecting.Dispose();
    }

    private static async ValueTask<bool> UnlessAsync(Func<Task> action, params int[] expected)
    {
        try
        {
            await action();
            return true;
        }
        catch (BlockException failure) when (expected.Contains(failure.Errno))
        {
            return false;
        }
    }

    private async ValueTask<bool> SweepLayersAsync(RbdCluster cluster, CancellationToken cancellation)
    {
        bool isAny = false;
        foreach ((string layer, RbdLayerPlace place) in _places.Layers.Where(l => store.FindLayer(l.Key) is null).ToArray())
        {
            if (!await TryRemoveSnapshotAsync(cluster, place, cancellation))
                continue;
            Change(p => p.Layers.Remove(layer));
            isAny = true;
        }

        return isAny;
    }

    private async ValueTask<bool> SweepImagesAsync(RbdCluster cluster, CancellationToken cancellation)
    {
        bool isAny = false;
        HashSet<string> needed = _places.Images();
        foreach (string image in (await cluster.ListAsync(cancellation)).Where(i => i.StartsWith(_places.Tag + "-", StringComparison.Ordinal)))
        {
            if (!needed.Contains(image))
                isAny |= await UnlessAsync(() => cluster.RemoveAsync(image, cancellation), BlockErrno.ENOENT, BlockErrno.EBUSY);
        }

        return isAny;
    }

    private static void Remove<T>(Dictionary<string, T> from, IEnumerable<string> keys)
    {
        foreach (string key in keys.ToArray())
            from.Remove(key);
    }

    // False while clones stand on it, of which the pool may know longer than the store.
    private static async ValueTask<bool> TryRemoveSnapshotAsync(RbdCluster cluster, RbdLayerPlace place, CancellationToken cancellation)
    {
        try
        {
            await UnlessAsync(() => cluster.UnprotectAsync(place.Image, place.Snapshot, cancellation), BlockErrno.EINVAL, BlockErrno.ENOENT);
            await UnlessAsync(() => cluster.RemoveSnapshotAsync(place.Image, place.Snapshot, cancellation), BlockErrno.ENOENT);
            return true;
        }
        catch (BlockException busy) when (busy.Errno == BlockErrno.EBUSY)
        {
            return false;
        }
    }

    private string ImageOf(string disk)
    {
        lock (_lock)
            return _places.Disks[disk].Image;
    }

    /// <summary>A name for a disk's blocks that nothing in the pool has.</summary>
    private string FreeName(string disk)
    {
        lock (_lock)
        {
            HashSet<string> taken = _places.Images();
            string name = $"{_places.Tag}-{disk}";
            for (int i = 2; taken.Contains(name); i++)
                name = string.Create(CultureInfo.InvariantCulture, $"{_places.Tag}-{disk}.{i}");
            return name;
        }
    }

    private void CompleteRollback(string disk) => Change(p => p.Disks[disk] = new RbdDiskPlace(p.Disks[disk].Next!));

    private async ValueTask<RbdCluster> ClusterAsync(CancellationToken cancellation)
    {
        if (config is null)
            throw new BlockException(BlockErrno.ENOTSUP, "This machine has no Ceph pool for disks: name one in the setting disk.rbd.");
        await _connecting.WaitAsync(cancellation);
        try
        {
            return _cluster ??= await RbdCluster.ConnectAsync(config, cancellation);
        }
        finally
        {
            _connecting.Release();
        }
    }

    private void Change(Action<RbdPlaces> change)
    {
        lock (_lock)
        {
            var next = new RbdPlaces { Tag = _places.Tag, Disks = new(_places.Disks), Layers = new(_places.Layers) };
            change(next);
            next.Save(_path);
            _places = next;
        }
    }

    /// <summary>Where a layer is in the pool; it is copied there at the first call, and known when the copy is whole.</summary>
    private async ValueTask<RbdLayerPlace> LayerAsync(RbdCluster cluster, LayerInfo layer, CancellationToken cancellation)
    {
        if (_places.Layers.TryGetValue(layer.Id, out RbdLayerPlace? known))
            return known;
        var place = new RbdLayerPlace($"{_places.Tag}-{layer.Id}", Base, IsCopy: true);
        await TryRemoveSnapshotAsync(cluster, place, cancellation);
        await UnlessAsync(() => cluster.RemoveAsync(place.Image, cancellation), BlockErrno.ENOENT);
        await cluster.CreateAsync(place.Image, layer.Length, cancellation);
        await using (RbdDevice target = await cluster.OpenAsync(place.Image, snapshot: null, cancellation))
        await using (LayeredDevice source = store.OpenLayer(layer.Id))
            await CopyAsync(source, target, cancellation);
        await cluster.SnapshotAsync(place.Image, Base, cancellation);
        await cluster.ProtectAsync(place.Image, Base, cancellation);
        Change(p => p.Layers[layer.Id] = place);
        return place;
    }

    private static async ValueTask CopyAsync(BlockDevice source, BlockDevice target, CancellationToken cancellation)
    {
        var buffer = new byte[CopyBytes];
        for (long offset = 0; offset < source.Length; offset += CopyBytes)
        {
            Memory<byte> piece = buffer.AsMemory(0, (int)Math.Min(CopyBytes, source.Length - offset));
            await source.ReadAsync(offset, piece, cancellation);
            if (piece.Span.ContainsAnyExcept((byte)0))
                await target.WriteAsync(offset, piece, fua: false, cancellation);
        }

        await target.FlushAsync(cancellation);
    }
}
