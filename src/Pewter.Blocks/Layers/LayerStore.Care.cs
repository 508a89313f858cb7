using Pewter.Blocks.Layers.Files;

namespace Pewter.Blocks.Layers;

/// <content>Care beside running disks: verification, collection of garbage, heat.</content>
public sealed partial class LayerStore
{
    /// <summary>Reads every block that a disk or layer stands on and says which are not what was written. Runs beside writers.</summary>
    public async ValueTask<VerifyReport> VerifyAsync(string idOrName, CancellationToken cancellation = default)
    {
        var verifier = new LayerVerifier(cancellation);
        SealedLayer? below;
        if (FindDisk(idOrName) is { } disk)
        {
            await WithWriterAsync(disk, async device => await Task.Run(
                () => verifier.Check(device.Stack.Open!, device.Length, device.Stripes), cancellation));
            below = SealedOrNull(disk.Parent);
        }
        else
        {
            below = SealedOrNull(Layer(idOrName).Id);
        }

        await Task.Run(
            () =>
            {
                for (; below is not null; below = below.Parent)
                    verifier.Check(below);
            },
            cancellation);
        return verifier.Report;
    }

    /// <summary>Computes again the checksums that a crash took from open disks. Run once after a start; disks are served meanwhile.</summary>
    public async ValueTask AdoptChecksumsAsync(CancellationToken cancellation)
    {
        foreach (LayeredDevice device in OpenWriters().Where(d => d.Stack.Open is { HasChecksumsToAdopt: true }))
            await Task.Run(() => new LayerVerifier(cancellation).Check(device.Stack.Open!, device.Length, device.Stripes), cancellation);
    }

    /// <summary>
    /// Removes unnamed layers that nothing stands on and files that belong to nothing, beside running disks. Returns the bytes freed.
    /// </summary>
    public async ValueTask<long> CollectAsync(CancellationToken cancellation = default)
    {
        long freed = 0;
        while (Layers.FirstOrDefault(IsGarbage) is { } layer)
        {
            freed += UsedBytes(layer.Id);
            await DeleteLayerAsync(layer.Id, cancellation);
        }

        await _gate.WaitAsync(cancellation);
        try
        {
            return freed + Sweep();
        }
        finally
        {
            _gate.Release();
        }
    }

    /// <summary>Keeps a disk's heat with the layer it boots from.</summary>
    public void SaveHeat(string layer, HeatMap heat)
    {
        using var writer = new StringWriter();
        heat.Save(writer);
        using StoreFile file = _files.Open(LayerFiles.Heat(Layer(layer).Id), create: true, writable: true);
        file.Truncate(0);
        file.Write(0, System.Text.Encoding.ASCII.GetBytes(writer.ToString()));
        file.Sync();
    }

    /// <summary>The heat kept with a layer; null when there is none.</summary>
    public HeatMap? LoadHeat(string layer)
    {
        string name = LayerFiles.Heat(Layer(layer).Id);
        if (!_files.Exists(name))
            return null;
        using StoreFile file = _files.Open(name, create: false, writable: false);
        var bytes = new byte[file.Length];
        file.Read(0, bytes);
        return HeatMap.Load(new StringReader(System.Text.Encoding.ASCII.GetString(bytes)), _time);
    }

    private bool IsGarbage(LayerInfo layer)
    {
        lock (_lock)
            return layer.Name is null && !_readers.ContainsKey(layer.Id) && !_state.Dependants(layer.Id).Any();
    }

    private SealedLayer? SealedOrNull(string? id)
    {
        lock (_lock)
            return id is null ? null : SealedOf(id);
    }

    // A crash right after a snapshot's record leaves this beside the layer that was just sealed.
    private bool IsStale(string name, string layer) => name == LayerFiles.Live(layer) && _state.Layers.ContainsKey(layer);

    private bool IsLeft(string name, HashSet<string> owners)
    {
        if (LayerFiles.DiskOf(name) is { } disk)
            return !_state.Disks.ContainsKey(disk);
        return LayerFiles.LayerOf(name) is { } layer && (!owners.Contains(layer) || IsStale(name, layer));
    }

    private long Sweep()
    {
        long freed = 0;
        HashSet<string> owners = _state.FileOwners();
        foreach (string name in _files.List())
        {
            if (!IsLeft(name, owners))
                continue;
            using (StoreFile file = _files.Open(name, create: false, writable: false))
                freed += file.AllocatedBytes;
            _files.Delete(name);
        }

        return freed;
    }
}
