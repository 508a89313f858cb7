using Pewter.Blocks.Layers;

namespace Pewter.Blocks.Tests.Layers;

/// <summary>
/// A recorded run of writes, discards, flushes and snapshots, cut at every point of its log: each block must hold what it held at the last flush
/// before the cut or something written to it since, and what flushed snapshots hold must be exact.
/// </summary>
public sealed class PowerCutTests
{
    private const int Blocks = 3000;
    private const int Size = 4096;

    private sealed record Write(int Block, byte Value);

    private sealed record Flushed;

    private sealed record Frozen(string Layer, byte[] Values);

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public async Task What_was_flushed_survives_a_cut_at_every_point(int seed)
    {
        var files = new PowerCutFiles();
        await RecordAsync(files, seed);
        var random = new Random(seed);
        int end = files.LogLength;
        int step = Environment.GetEnvironmentVariable("PEWTER_SOAK") == "full" ? 1 : 11;
        for (int point = random.Next(step); point <= end; point += step)
            await CheckAsync(files, point, random);
    }

    private static async Task RecordAsync(PowerCutFiles files, int seed)
    {
        var random = new Random(seed);
        var values = new byte[Blocks];
        await using LayerStore store = await LayerStore.OpenAsync(files, TimeProvider.System);
        DiskInfo disk = await store.CreateDiskAsync(Blocks * Size, "web");
        LayeredDevice device = store.OpenDisk("web");
        for (int i = 0; i < 120; i++)
        {
            int block = random.Next(30) * 97, count = random.Next(1, 6);
            var value = (byte)random.Next(1, 256);
            switch (random.Next(10))
            {
                case 0 or 1:
                    await device.FlushAsync(default);
                    files.Mark(new Flushed());
                    break;
                case 2:
                    Note(files, values, block, count, 0);
                    await device.DiscardAsync((long)block * Size, (long)count * Size, default);
                    break;
                case 3 when i % 4 == 0:
                    LayerInfo layer = await store.SnapshotAsync("web");
                    files.Mark(new Flushed());
                    files.Mark(new Frozen(layer.Id, (byte[])values.Clone()));
                    break;
                case 4 when i % 3 == 0:
                    await device.DisposeAsync();
                    files.Mark(new Flushed());
                    device = store.OpenDisk("web");
                    break;
                default:
                    Note(files, values, block, count, value);
                    byte[] data = new byte[count * Size];
                    data.AsSpan().Fill(value);
                    await device.WriteAsync((long)block * Size, data);
                    break;
            }
        }

        await device.DisposeAsync();
        files.Mark(new Flushed());
    }

    private static void Note(PowerCutFiles files, byte[] values, int block, int count, byte value)
    {
        for (int i = block; i < block + count; i++)
        {
            values[i] = value;
            files.Mark(new Write(i, value));
        }
    }

    private static async Task CheckAsync(PowerCutFiles recorded, int point, Random random)
    {
        PowerCutFiles after = recorded.After(point, random);
        IReadOnlyList<object> marks = recorded.MarksBefore(point);
        await using LayerStore store = await LayerStore.OpenAsync(after, TimeProvider.System);
        if (store.FindDisk("web") is null)
        {
            Assert.DoesNotContain(marks, m => m is Flushed);
            return;
        }

        var possible = Enumerable.Range(0, Blocks).Select(_ => new List<byte> { 0 }).ToArray();
        foreach (object mark in marks)
            Follow(possible, mark);
        await using LayeredDevice device = store.OpenDisk("web");
        await AssertHoldsAsync(device, possible, point);
        foreach (Frozen frozen in marks.OfType<Frozen>())
        {
            await using LayeredDevice layer = store.OpenLayer(frozen.Layer);
            await AssertHoldsAsync(layer, [.. frozen.Values.Select(v => new List<byte> { v })], point);
        }

        VerifyReport report = await store.VerifyAsync("web");
        Assert.True(report.Damages.Count == 0, $"cut at {point}: {string.Join("; ", report.Damages.Take(3))}");
    }

    private static void Follow(List<byte>[] possible, object mark)
    {
        if (mark is Write write)
            possible[write.Block].Add(write.Value);
        if (mark is not Flushed)
            return;
        foreach (List<byte> values in possible)
        {
            byte last = values.Last();
            values.Clear();
            values.Add(last);
        }
    }

    private static async Task AssertHoldsAsync(LayeredDevice device, List<byte>[] possible, int point)
    {
        byte[] content = await device.ReadAsync(0, Blocks * Size);
        for (int block = 0; block < Blocks; block++)
        {
            // A block is 8 sectors, each of which may be of any write that was not flushed.
            for (int sector = 0; sector < Size; sector += 512)
            {
                byte value = content[(block * Size) + sector];
                string may = string.Join(", ", possible[block]);
                Assert.True(possible[block].Contains(value), $"cut at {point}: block {block} of {device.Id} holds {value}, may hold {may}");
            }
        }
    }
}
