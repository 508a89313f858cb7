using System.Collections.Immutable;

namespace Pewter.Blocks.Layers;

/// <summary>What a store holds; immutable, made from another only by <see cref="Apply"/>.</summary>
internal sealed record StoreState
{
    public ImmutableDictionary<string, LayerInfo> Layers { get; private init; } = ImmutableDictionary<string, LayerInfo>.Empty;

    public ImmutableDictionary<string, DiskInfo> Disks { get; private init; } = ImmutableDictionary<string, DiskInfo>.Empty;

    /// <summary>The number of the next id.</summary>
    public long Next { get; private init; } = 1;

    public StoreState Apply(StoreRecord r)
    {
        StoreState next = r.Operation switch
        {
            StoreOperation.CreateDisk => With(new DiskInfo(r.Disk!, r.Name, r.Parent, r.Length, r.At) { Top = r.Top!, Import = r.Import }),
            StoreOperation.Snapshot => WithLayer(r, Disks[r.Disk!].Parent).With(Disks[r.Disk!] with { Top = r.Top!, Parent = r.Layer }),
            StoreOperation.Publish => WithLayer(r, Disks[r.Disk!].Parent).Without(r.Disk!),
            StoreOperation.Rollback => With(Disks[r.Disk!] with { Top = r.Top!, Parent = r.Parent, Length = r.Length }),
            StoreOperation.Detach => With(Disks[r.Disk!] with { Parent = null }),
            StoreOperation.Shrink => With(Disks[r.Disk!] with { ShrinkingTo = r.Length }),
            StoreOperation.Resize => With(Disks[r.Disk!] with { Length = r.Length, ShrinkingTo = null }),
            StoreOperation.Progress => With(Disks[r.Disk!] with { ImportedBytes = r.Length }),
            StoreOperation.Rename when r.Disk is not null => With(Disks[r.Disk] with { Name = r.Name }),
            StoreOperation.Rename => this with { Layers = Layers.SetItem(r.Layer!, Layers[r.Layer!] with { Name = r.Name }) },
            StoreOperation.DeleteDisk => Without(r.Disk!),
            StoreOperation.DeleteLayer => this with { Layers = Layers.Remove(r.Layer!) },
            StoreOperation.Layer => WithLayer(r, r.Parent),
            _ => throw new ArgumentOutOfRangeException(nameof(r)),
        };
        return next with { Next = Math.Max(Next, r.Next) };
    }

    /// <summary>The records that make this state from nothing, parents first.</summary>
    public IEnumerable<StoreRecord> ToRecords()
    {
        var written = new HashSet<string>();
        foreach (LayerInfo layer in Layers.Values)
        {
            foreach (LayerInfo next in Lineage(layer.Id).Reverse().Where(l => written.Add(l.Id)))
            {
                yield return new StoreRecord(StoreOperation.Layer)
                {
                    Layer = next.Id,
                    Parent = next.Parent,
                    Name = next.Name,
                    Length = next.Length,
                    Sealed = next.Files,
                    At = next.CreatedAt,
                    Next = Next,
                };
            }
        }

        foreach (DiskInfo disk in Disks.Values)
        {
            yield return new StoreRecord(StoreOperation.CreateDisk)
            {
                Disk = disk.Id,
                Top = disk.Top,
                Parent = disk.Parent,
                Name = disk.Name,
                Length = disk.Length,
                Import = disk.Import,
                At = disk.CreatedAt,
                Next = Next,
            };
            if (disk.ImportedBytes > 0)
                yield return new StoreRecord(StoreOperation.Progress) { Disk = disk.Id, Length = disk.ImportedBytes, Next = Next };
            if (disk.ShrinkingTo is { } length)
                yield return new StoreRecord(StoreOperation.Shrink) { Disk = disk.Id, Length = length, Next = Next };
        }
    }

    /// <summary>A layer and all below it, topmost first.</summary>
    public IEnumerable<LayerInfo> Lineage(string? layer)
    {
        for (; layer is not null; layer = Layers[layer].Parent)
            yield return Layers[layer];
    }

    /// <summary>The disks and layers that stand directly on a layer.</summary>
    public IEnumerable<string> Dependants(string layer) =>
        Layers.Values.Where(l => l.Parent == layer).Select(l => l.Id)
            .Concat(Disks.Values.Where(d => d.Parent == layer).Select(d => d.Id))
            .Order(StringComparer.Ordinal);

    /// <summary>The ids of layers whose files belong here.</summary>
    public HashSet<string> FileOwners() => [.. Layers.Keys, .. Disks.Values.Select(d => d.Top)];

    private StoreState With(DiskInfo disk) => this with { Disks = Disks.SetItem(disk.Id, disk) };

    private StoreState Without(string disk) => this with { Disks = Disks.Remove(disk) };

    private StoreState WithLayer(StoreRecord r, string? parent) => this with
    {
        Layers = Layers.SetItem(r.Layer!, new LayerInfo(r.Layer!, r.Name, parent, r.Length, r.At) { Files = r.Sealed ?? SealedFiles.None }),
    };
}
