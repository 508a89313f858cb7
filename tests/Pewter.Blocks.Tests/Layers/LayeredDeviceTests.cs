using Pewter.Blocks.Layers;

namespace Pewter.Blocks.Tests.Layers;

public sealed class LayeredDeviceTests
{
    private const int Mi = 1 << 20;

    [Fact]
    public async Task A_new_disk_reads_as_zeroes()
    {
        await using TemporaryStore t = await TemporaryStore.OpenAsync();
        DiskInfo disk = await t.Store.CreateDiskAsync(10 * Mi);
        await using LayeredDevice device = t.Store.OpenDisk(disk.Id);
        Assert.All(await device.ReadAsync((10 * Mi) - 5000, 5000), b => Assert.Equal(0, b));
    }

    [Fact]
    public async Task What_was_written_is_read_after_closing_and_opening()
    {
        await using TemporaryStore t = await TemporaryStore.OpenAsync();
        DiskInfo disk = await t.Store.CreateDiskAsync(10 * Mi, "web");
        byte[] data = Bytes.Of(1, (5 * Mi) + 777);
        await using (LayeredDevice device = t.Store.OpenDisk("web"))
            await device.WriteAsync(12345, data);
        await t.ReopenAsync();
        await using LayeredDevice again = t.Store.OpenDisk(disk.Id);
        Assert.Equal(data, await again.ReadAsync(12345, data.Length));
        Assert.Empty((await t.Store.VerifyAsync(disk.Id)).Damages);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public async Task Any_sequence_of_operations_reads_as_on_a_plain_array(int seed)
    {
        await using TemporaryStore t = await TemporaryStore.OpenAsync();
        var random = new Random(seed);
        int length = (9 * Mi) + 512;
        var model = new byte[length];
        DiskInfo disk = await t.Store.CreateDiskAsync(length);
        LayeredDevice device = t.Store.OpenDisk(disk.Id);
        for (int step = 0; step < 400; step++)
        {
            int offset = random.Next(length);
            int count = Math.Min(random.Next(random.Next(3) == 0 ? 3 * Mi : 20000) + 1, length - offset);
            switch (random.Next(12))
            {
                case 0:
                    await device.WriteZeroesAsync(offset, count, mayUnmap: true, fua: false, default);
                    model.AsSpan(offset, count).Clear();
                    break;
                case 1:
                    await device.WriteZeroesAsync(offset, count, mayUnmap: false, fua: false, default);
                    model.AsSpan(offset, count).Clear();
                    break;
                case 2:
                    await device.DiscardAsync(offset, count, default);
                    int first = (offset + 4095) & ~4095, end = offset + count == length ? length : (offset + count) & ~4095;
                    if (end > first)
                        model.AsSpan(first, end - first).Clear();
                    break;
                case 3:
                    await device.FlushAsync(default);
                    break;
                case 4 when step % 3 == 0:
                    await t.Store.SnapshotAsync(disk.Id);
                    break;
                case 5 when step % 7 == 0:
                    await t.Store.FlattenAsync(disk.Id);
                    break;
                case 6 when step % 3 == 0:
                    await device.DisposeAsync();
                    await t.ReopenAsync();
                    device = t.Store.OpenDisk(disk.Id);
                    break;
                case 7 or 8:
                    byte[] read = await device.ReadAsync(offset, count);
                    Assert.True(model.AsSpan(offset, count).SequenceEqual(read), $"step {step}");
                    break;
                default:
                    byte[] data = Bytes.Of(step, count);
                    if (!device.TryWrite(offset, data, fua: false))
                        await device.WriteAsync(offset, data);
                    data.CopyTo(model, offset);
                    break;
            }
        }

        Assert.Equal(model, await device.ReadAsync(0, length));
        VerifyReport report = await t.Store.VerifyAsync(disk.Id);
        Assert.Empty(report.Damages);
        await device.DisposeAsync();
    }

    [Fact]
    public async Task Discard_frees_space()
    {
        await using TemporaryStore t = await TemporaryStore.OpenAsync();
        DiskInfo disk = await t.Store.CreateDiskAsync(64 * Mi);
        await using LayeredDevice device = t.Store.OpenDisk(disk.Id);
        await device.WriteAsync(0, Bytes.Of(1, 32 * Mi));
        await device.FlushAsync(default);
        long before = t.Store.UsedBytes(disk.Id);
        await device.DiscardAsync(0, 32 * Mi, default);
        Assert.True(before >= 32 * Mi && t.Store.UsedBytes(disk.Id) < Mi, $"{before} then {t.Store.UsedBytes(disk.Id)}");
    }

    [Fact]
    public async Task Extents_tell_data_from_holes()
    {
        await using TemporaryStore t = await TemporaryStore.OpenAsync();
        DiskInfo disk = await t.Store.CreateDiskAsync(100L << 30);
        await using LayeredDevice device = t.Store.OpenDisk(disk.Id);
        await device.WriteAsync(8 * Mi, Bytes.Of(1, 8192));
        await t.Store.SnapshotAsync(disk.Id);
        await device.WriteAsync((8 * Mi) + 8192, Bytes.Of(1, 4096));
        var extents = new BlockExtent[8];
        int count = device.GetExtents(0, 100L << 30, extents);
        Assert.Equal(
            [new(8 * Mi, true, true), new(12288, false, false), new((100L << 30) - (8 * Mi) - 12288, true, true)],
            extents[..count]);
    }

    [Fact]
    public async Task A_read_goes_through_hundreds_of_layers_at_one_look_up()
    {
        await using TemporaryStore t = await TemporaryStore.OpenAsync();
        DiskInfo disk = await t.Store.CreateDiskAsync(4 * Mi);
        await using LayeredDevice device = t.Store.OpenDisk(disk.Id);
        for (int i = 0; i < 300; i++)
        {
            await device.WriteAsync(i % 1024 * 4096, Bytes.Of(i, 4096));
            await t.Store.SnapshotAsync(disk.Id);
        }

        Assert.Equal(Bytes.Of(0, 4096), await device.ReadAsync(0, 4096));
        Assert.Equal(Bytes.Of(299, 4096), await device.ReadAsync(299 * 4096, 4096));
        var block = new byte[4096];
        Assert.True(device.TryRead(150 * 4096, block));
        Assert.Equal(Bytes.Of(150, 4096), block);
        Assert.Equal(300, t.Store.Lineage(disk.Id).Count);
    }
}
