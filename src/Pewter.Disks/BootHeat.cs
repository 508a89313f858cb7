using Pewter.Blocks;
using Pewter.Blocks.Layers;

namespace Pewter.Disks;

/// <summary>
/// Lets the boots of an image learn from the first: what its first disk read is kept with the layer, and is read ahead when the next disks
/// of the layer are
/// made, before their machines ask for it. All members may be called at once.
/// </summary>
internal sealed class BootHeat(LayerStore store, TimeProvider time) : IAsyncDisposable
{
    // Below it a disk was looked at and not booted.
    private const long LeastBytes = 4 << 20;

    // As long as what was read ahead stays in memory on a machine that works; many clones at once read ahead once.
    private static readonly TimeSpan Fresh = TimeSpan.FromSeconds(30);

    private readonly Lock _lock = new();
    private readonly Dictionary<string, long> _read = [];
    private readonly HashSet<Task> _reading = [];

    /// <summary>Keeps what a disk has read since it was opened, unless its layer knows already.</summary>
    public void Learn(ServedDisk disk)
    {
        if (disk.Info.Parent is not { } layer || disk.Device is not { } device || device.Heat.TouchedBytes < LeastBytes)
            return;
        if (store.LoadHeat(layer) is not null)
            return;
        store.SaveHeat(layer, device.Heat);

        // What was read ahead for the disks before was nothing.
        lock (_lock)
            _read.Remove(layer);
    }

    /// <summary>Begins to read ahead what disks of a layer are known to read. Returns at once.</summary>
    public void Ahead(string? layer)
    {
        lock (_lock)
        {
            if (layer is null || (_read.TryGetValue(layer, out long at) && time.GetElapsedTime(at) < Fresh))
                return;
            _read[layer] = time.GetTimestamp();
            _reading.RemoveWhere(task => task.IsCompleted);
            _reading.Add(Task.Run(() => ReadAheadAsync(layer)));
        }
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        Task[] reading;
        lock (_lock)
            reading = [.. _reading];
        await Task.WhenAll(reading);
    }

    private async Task ReadAheadAsync(string layer)
    {
        try
        {
            if (store.LoadHeat(layer) is not { } heat)
                return;
            await using LayeredDevice device = store.OpenLayer(layer);
            await device.PrefetchAsync(heat, CancellationToken.None);
        }
        catch (BlockException)
        {
            // The layer went meanwhile, or its heat is damaged: the boots read by themselves.
        }
    }
}
