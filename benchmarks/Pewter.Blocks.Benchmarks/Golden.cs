using Pewter.Blocks.Layers;

namespace Pewter.Blocks.Benchmarks;

/// <summary>The same content as a raw file for the rivals and as the layer "golden" of a store for us.</summary>
internal static class Golden
{
    public static async Task<string> CreateAsync(string folder, long length)
    {
        string file = Path.Join(folder, "base.raw");
        await using LayerStore store = await LayerStore.OpenAsync(Path.Join(folder, "store"));
        DiskInfo disk = await store.CreateDiskAsync(length);
        await using FileStream raw = File.Create(file);
        await using (LayeredDevice device = store.OpenDisk(disk.Id))
        {
            var random = new Random(1);
            var chunk = new byte[4 << 20];
            for (long offset = 0; offset < length; offset += chunk.Length)
            {
                random.NextBytes(chunk);
                await raw.WriteAsync(chunk);
                await device.WriteAsync(offset, chunk, false, default);
            }
        }

        await store.SnapshotAsync(disk.Id, "golden");
        return file;
    }
}
