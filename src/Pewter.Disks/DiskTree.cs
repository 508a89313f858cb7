using Pewter.Blocks.Layers;
using Pewter.Tree;

namespace Pewter.Disks;

/// <summary>The server's subtree: the collections <c>/disk</c> and <c>/layer</c>.</summary>
public sealed class DiskTree : IAsyncDisposable
{
    private readonly Collection<ServedDisk> _disks;
    private readonly Collection<ServedLayer> _layers;

    internal DiskTree(DiskServer server)
    {
        var layers = new LayerCommands(server, this);
        var disks = new DiskCommands(server, this, layers);
        _disks = new Collection<ServedDisk>(DiskKind.Create(server, disks.OfDisk()), server.Time, disks.OfCollection());
        _layers = new Collection<ServedLayer>(LayerKind.Create(server, layers.OfLayer()), server.Time, layers.OfCollection());
        Root.Add("disk", _disks).Add("layer", _layers).Add("imports", new TextFile(server.Imports.Render));
    }

    /// <summary>The root, to be served or mounted.</summary>
    public TreeDirectory Root { get; } = new();

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await _disks.DisposeAsync();
        await _layers.DisposeAsync();
    }

    internal void Add(ServedDisk disk) => _disks.Add(disk.Number, disk, disk.Info.Name);

    internal void Add(ServedLayer layer) => _layers.Add(layer.Number, layer, layer.Info.Name);

    internal void Add(LayerInfo layer) => Add(new ServedLayer(layer));

    internal void Remove(ServedDisk disk) => _disks.Remove(disk.Number);

    internal void Remove(ServedLayer layer) => _layers.Remove(layer.Number);

    internal void Changed(ServedDisk disk) => _disks.Changed(disk.Number);

    internal void Rename(ServedDisk disk, string? name) => _disks.Rename(disk.Number, name);

    internal void Rename(ServedLayer layer, string? name) => _layers.Rename(layer.Number, name);

    internal void RemoveMissingLayers(LayerStore store)
    {
        foreach (TreeObject<ServedLayer> layer in _layers.All())
        {
            if (store.FindLayer(layer.Id) is null)
                _layers.Remove(layer.Number);
        }
    }
}
