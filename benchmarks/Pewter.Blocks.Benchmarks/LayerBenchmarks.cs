using System.Diagnostics;
using Pewter.Blocks.Layers;

namespace Pewter.Blocks.Benchmarks;

/// <summary>Clones and snapshots of a large image.</summary>
internal static class LayerBenchmarks
{
    public static async Task RunAsync(string folder, bool quick)
    {
        await using LayerStore store = await LayerStore.OpenAsync(Path.Join(folder, "layers"));
        DiskInfo disk = await store.CreateDiskAsync(100L << 30);
        await using LayeredDevice device = store.OpenDisk(disk.Id);
        var block = new byte[4096];
        for (int i = 0; i < 2000; i++)
        {
            block[0] = (byte)i;
            await device.WriteAsync(i * 50L * 1000 * 1024 / 4096 * 4096, block, false, default);
        }

        LayerInfo golden = await store.SnapshotAsync(disk.Id, "big");
        int rounds = quick ? 200 : 1000;
        Row.Limit("blocks.layers.clone.p99", await P99Async(rounds, _ => store.CloneAsync(golden.Id).AsTask()), "ms", 5, "100 GiB image").Print();
        Row.Limit(
            "blocks.layers.snapshot.p99",
            await P99Async(rounds, async i =>
            {
                await store.SnapshotAsync(disk.Id);
            }),
            "ms",
            5,
            "100 GiB disk, open").Print();
        Row.Limit(
            "blocks.layers.snapshot-written.p99",
            await P99Async(rounds, async i => await store.SnapshotAsync(disk.Id), async i => await device.WriteAsync(i * 4096L, block, false, default)),
            "ms",
            5,
            "a block written and not flushed before each").Print();
        var clock = Stopwatch.StartNew();
        for (int i = 0; i < 1000; i++)
            await store.CloneAsync(golden.Id);
        Row.Limit("blocks.layers.clone1000", clock.Elapsed.TotalSeconds, "s", 2, "one after another").Print();
        clock.Restart();
        await store.CloneManyAsync(golden.Id, 1000);
        Row.Limit("blocks.layers.clone1000.batch", clock.Elapsed.TotalSeconds, "s", 2, "one call").Print();
    }

    private static async Task<double> P99Async(int rounds, Func<int, Task> action, Func<int, Task>? before = null)
    {
        var times = new double[rounds];
        for (int i = 0; i < rounds; i++)
        {
            if (before is not null)
                await before(i);
            long began = Stopwatch.GetTimestamp();
            await action(i);
            times[i] = Stopwatch.GetElapsedTime(began).TotalMilliseconds;
        }

        Array.Sort(times);
        return times[rounds * 99 / 100];
    }
}
