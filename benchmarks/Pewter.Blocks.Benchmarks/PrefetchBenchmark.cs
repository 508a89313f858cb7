using System.Diagnostics;
using Microsoft.Win32.SafeHandles;
using Pewter.Blocks.Benchmarks.Nbd;
using Pewter.Blocks.Layers;
using Pewter.Linux.Files;

namespace Pewter.Blocks.Benchmarks;

/// <summary>
/// The recorded boot from a disk that nothing of is in memory, read after read as a booting machine does, without and with the heat of an earlier
/// boot read ahead.
/// </summary>
internal static class PrefetchBenchmark
{
    private const double Wanted = 0.7;

    public static async Task RunAsync(string folder, bool quick)
    {
        string directory = Path.Join(folder, "store");
        await using LayerStore store = await LayerStore.OpenAsync(directory);
        string data = Path.Join(directory, store.Layer("golden").Id + ".data");
        IReadOnlyList<LoadRequest> boot = BootTrace.Load();
        HeatMap heat = await HeatOfAsync(store, boot);
        List<double> without = [], with = [];
        for (int round = 0; round < (quick ? 3 : 5); round++)
        {
            without.Add(await BootAsync(store, data, boot, null));
            with.Add(await BootAsync(store, data, boot, heat));
        }

        without.Sort();
        with.Sort();
        Row.AtMost("blocks.boot.prefetch", with[with.Count / 2], "s", "without", without[without.Count / 2], Wanted, "image not in memory").Print();
    }

    private static async Task<HeatMap> HeatOfAsync(LayerStore store, IReadOnlyList<LoadRequest> boot)
    {
        await using LayeredDevice device = store.OpenDisk((await store.CloneAsync("golden")).Id);
        await ReplayAsync(device, boot);
        return device.Heat;
    }

    private static async Task<double> BootAsync(LayerStore store, string data, IReadOnlyList<LoadRequest> boot, HeatMap? heat)
    {
        using (SafeFileHandle file = File.OpenHandle(data, share: FileShare.ReadWrite))
            FileCalls.Advise(file, 0, 0, FileAdvice.DontNeed);
        await using LayeredDevice device = store.OpenDisk((await store.CloneAsync("golden")).Id);
        long began = Stopwatch.GetTimestamp();
        if (heat is not null)
            await device.PrefetchAsync(heat, CancellationToken.None);
        await ReplayAsync(device, boot);
        return Stopwatch.GetElapsedTime(began).TotalSeconds;
    }

    private static async Task ReplayAsync(LayeredDevice device, IReadOnlyList<LoadRequest> boot)
    {
        var buffer = new byte[boot.Max(r => r.Length)];
        foreach (LoadRequest read in boot)
        {
            Memory<byte> part = buffer.AsMemory(0, read.Length);
            if (!device.TryRead(read.Offset, part.Span))
                await device.ReadAsync(read.Offset, part, CancellationToken.None);
        }
    }
}
