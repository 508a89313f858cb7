using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Pewter.Blocks;
using Pewter.Blocks.Layers;
using Pewter.Blocks.Rbd;

namespace Pewter.Disks;

/// <summary>
/// The disks of a store whose blocks lie in a Ceph pool. The store has such a disk too, empty, so that its id, size and name are where
/// those of the others
/// are; which disks they are stands in a file beside it, before anything of theirs is in the pool. Names in the pool begin with a tag of
/// the store, so that
/// two installations share one. Used by one caller at a time; the cluster is asked when first needed.
/// </summary>
/// <remarks>A layer is copied into the pool once, when its first disk is made there; the disks are then clones of the copy's protected
/// snapshot.</remarks>
internal sealed class RbdShelf(RbdConfig config, string directory, LayerStore store) : IAsyncDisposable
{
    private const string Base = "base";
    private const int CopyBytes = 4 << 20;

    private readonly string _path = Path.Join(directory, "rbd.json");
    private readonly string _tag = "pewter-" + Convert.ToHexStringLower(
        SHA256.HashData(Encoding.UTF8.GetBytes(Path.GetFullPath(directory))).AsSpan(0, 4));

    private readonly HashSet<string> _disks = Load(Path.Join(directory, "rbd.json"));
    private RbdCluster? _cluster;

    /// <summary>Whether a disk lies in the pool.</summary>
    public bool Has(string disk)
    {
        lock (_disks)
            return _disks.Contains(disk);
    }

    /// <summary>Removes from the pool what was begun there and is no disk of the store.</summary>
    public async ValueTask SweepAsync(CancellationToken cancellation)
    {
        foreach (string disk in _disks.Where(d => store.FindDisk(d) is null).ToArray())
            await ForgetAsync(disk, cancellation);
    }

    /// <summary>Makes the blocks of disks that the store is about to have: empty, or as a layer.</summary>
    public async ValueTask CreateAsync(IReadOnlyList<string> disks, string? layer, long length, CancellationToken cancellation)
    {
        RbdCluster cluster = await ClusterAsync(cancellation);
        string? parent = layer is null ? null : await LayerAsync(cluster, store.Layer(layer), cancellation);
        Change(all => all.UnionWith(disks));
        foreach (string disk in disks)
        {
            if (parent is null)
            {
                await cluster.CreateAsync(NameOf(disk), length, cancellation);
                continue;
            }

            await cluster.CloneAsync(parent, Base, NameOf(disk), cancellation);
            if (store.Layer(layer!).Length != length)
                await cluster.ResizeAsync(NameOf(disk), length, cancellation);
        }
    }

    /// <summary>Opens a disk.</summary>
    public async ValueTask<BlockDevice> OpenAsync(string disk, CancellationToken cancellation) =>
        await (await ClusterAsync(cancellation)).OpenAsync(NameOf(disk), snapshot: null, cancellation);

    /// <summary>Changes a disk's length.</summary>
    public async ValueTask ResizeAsync(string disk, long length, CancellationToken cancellation) =>
        await (await ClusterAsync(cancellation)).ResizeAsync(NameOf(disk), length, cancellation);

    /// <summary>Copies into a disk what it reads from its layer's copy.</summary>
    public async ValueTask FlattenAsync(string disk, CancellationToken cancellation) =>
        await (await ClusterAsync(cancellation)).FlattenAsync(NameOf(disk), cancellation);

    /// <summary>Removes a disk's blocks; none is no failure.</summary>
    public async ValueTask ForgetAsync(string disk, CancellationToken cancellation)
    {
        RbdCluster cluster = await ClusterAsync(cancellation);
        await UnlessGoneAsync(() => cluster.RemoveAsync(NameOf(disk), cancellation));
        Change(all => all.Remove(disk));
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        if (_cluster is not null)
            await _cluster.DisposeAsync();
    }

    private static HashSet<string> Load(string path) =>
        File.Exists(path) ? JsonSerializer.Deserialize<HashSet<string>>(File.ReadAllBytes(path)) ?? [] : [];

    private static async ValueTask UnlessGoneAsync(Func<Task> action)
    {
        try
        {
            await action();
        }
        catch (BlockException gone) when (gone.Errno == BlockErrno.ENOENT)
        {
            // An earlier try got that far.
        }
    }

    private string NameOf(string id) => $"{_tag}-{id}";

    private async ValueTask<RbdCluster> ClusterAsync(CancellationToken cancellation) =>
        _cluster ??= await RbdCluster.ConnectAsync(config, cancellation);

    private void Change(Action<HashSet<string>> change)
    {
        lock (_disks)
        {
            change(_disks);
            string next = _path + ".new";
            using (var stream = new FileStream(next, FileMode.Create, FileAccess.Write))
            {
                JsonSerializer.Serialize(stream, _disks);
                stream.Flush(flushToDisk: true);
            }

            File.Move(next, _path, overwrite: true);
        }
    }

    /// <summary>The image in the pool that holds what a layer holds; made at the first call, and whole when its snapshot is there.</summary>
    private async ValueTask<string> LayerAsync(RbdCluster cluster, LayerInfo layer, CancellationToken cancellation)
    {
        string name = NameOf(layer.Id);
        try
        {
            await using RbdDevice whole = await cluster.OpenAsync(name, Base, cancellation);
            return name;
        }
        catch (BlockException missing) when (missing.Errno == BlockErrno.ENOENT)
        {
            await UnlessGoneAsync(() => cluster.RemoveAsync(name, cancellation));
        }

        await cluster.CreateAsync(name, layer.Length, cancellation);
        await using (RbdDevice target = await cluster.OpenAsync(name, snapshot: null, cancellation))
        await using (LayeredDevice source = store.OpenLayer(layer.Id))
            await CopyAsync(source, target, cancellation);
        await cluster.SnapshotAsync(name, Base, cancellation);
        await cluster.ProtectAsync(name, Base, cancellation);
        return name;
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
