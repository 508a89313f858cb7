using Pewter.Blocks;
using Xunit;

namespace Pewter.Testing.Conformance;

/// <summary>
/// The contract of <see cref="BlockDevice"/> as tests: every kind of disk derives from this and must pass. One instance
/// is one test with a disk of its own.
/// </summary>
public abstract class BlockDeviceConformance
{
    /// <summary>Length of the disk under test; every kind allocates in units that divide 4 MiB.</summary>
    protected const int DiskLength = 16 << 20;

    private const int Unit = 4 << 20;

    protected static CancellationToken Ending => TestContext.Current.CancellationToken;

    /// <summary>Makes an empty disk of <see cref="DiskLength"/> bytes.</summary>
    protected abstract Task<BlockDevice> CreateAsync();

    /// <summary>Opens what the disk holds so that it cannot be written.</summary>
    protected abstract Task<BlockDevice> OpenReadOnlyAsync(BlockDevice device);

    /// <summary>Gives the disk another length.</summary>
    protected abstract Task ResizeAsync(BlockDevice device, long length);

    [Fact]
    public async Task A_new_disk_reads_as_zeroes_and_has_its_length()
    {
        await using BlockDevice device = await CreateAsync();
        Assert.Equal(DiskLength, device.Length);
        Assert.False(device.IsReadOnly);
        Assert.Equal(-1, (await ReadAsync(device, 0, DiskLength)).AsSpan().IndexOfAnyExcept((byte)0));
    }

    [Theory]
    [InlineData(0, 512)]
    [InlineData(512, 4096)]
    [InlineData(4096, 4096)]
    [InlineData(12345 * 512, 100 * 512)]
    [InlineData(Unit - 1024, 2048)]
    [InlineData(DiskLength - 512, 512)]
    [InlineData(1000, 77)]
    [InlineData(Unit / 2, 2 * Unit)]
    public async Task What_is_written_is_read_and_its_neighbours_stay(int offset, int length)
    {
        await using BlockDevice device = await CreateAsync();
        byte[] expected = Fill(DiskLength, 1);
        await device.WriteAsync(0, expected, fua: false, Ending);
        byte[] data = Fill(length, 2);
        await WriteAsync(device, offset, data);
        data.CopyTo(expected, offset);
        AssertSame(expected, 0, expected.Length, await ReadAsync(device, 0, DiskLength));
    }

    [Fact]
    public async Task Random_writes_zeroes_and_reads_agree_with_a_model()
    {
        await using BlockDevice device = await CreateAsync();
        var random = new Random(11);
        byte[] model = new byte[DiskLength];
        for (int i = 0; i < 300; i++)
        {
            int length = 512 * random.Next(1, 300), offset = 512 * random.Next((DiskLength - length) / 512);
            if (random.Next(4) == 0)
            {
                await device.WriteZeroesAsync(offset, length, mayUnmap: random.Next(2) == 0, fua: false, Ending);
                model.AsSpan(offset, length).Clear();
            }
            else
            {
                byte[] data = Fill(length, i);
                await WriteAsync(device, offset, data);
                data.CopyTo(model, offset);
            }
            if (i % 10 == 0)
                AssertSame(model, offset, length, await ReadAsync(device, offset, length));
        }
        AssertSame(model, 0, model.Length, await ReadAsync(device, 0, DiskLength));
    }

    [Fact]
    public async Task Overlapping_writes_at_once_leave_each_block_whole()
    {
        await using BlockDevice device = await CreateAsync();
        const int Block = 4096;
        await Task.WhenAll(Enumerable.Range(1, 16).Select(i => Task.Run(
            async () =>
            {
                byte[] data = new byte[64 * Block];
                data.AsSpan().Fill((byte)i);
                await device.WriteAsync(Block * (i % 4), data, fua: false, Ending);
            },
            Ending)));
        byte[] read = await ReadAsync(device, 0, 70 * Block);
        for (int at = 0; at < read.Length; at += Block)
            Assert.Equal(-1, read.AsSpan(at, Block).IndexOfAnyExcept(read[at]));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_zeroed_range_reads_as_zeroes_and_its_edges_stay(bool mayUnmap)
    {
        await using BlockDevice device = await CreateAsync();
        byte[] expected = Fill(DiskLength, 3);
        await device.WriteAsync(0, expected, fua: false, Ending);
        await device.WriteZeroesAsync(5000, Unit + 3000, mayUnmap, fua: true, Ending);
        expected.AsSpan(5000, Unit + 3000).Clear();
        AssertSame(expected, 0, expected.Length, await ReadAsync(device, 0, DiskLength));
    }

    [Fact]
    public async Task A_discarded_range_of_whole_units_reads_as_zeroes()
    {
        await using BlockDevice device = await CreateAsync();
        byte[] expected = Fill(DiskLength, 4);
        await device.WriteAsync(0, expected, fua: false, Ending);
        await device.DiscardAsync(Unit, 2 * Unit, Ending);
        expected.AsSpan(Unit, 2 * Unit).Clear();
        AssertSame(expected, 0, expected.Length, await ReadAsync(device, 0, DiskLength));
    }

    [Fact]
    public async Task Discarding_a_part_of_a_block_changes_nothing_beside_it()
    {
        await using BlockDevice device = await CreateAsync();
        byte[] expected = Fill(DiskLength, 5);
        await device.WriteAsync(0, expected, fua: false, Ending);
        await device.DiscardAsync(4096 + 512, 1024, Ending);
        byte[] read = await ReadAsync(device, 0, 65536);
        Assert.True(expected.AsSpan(0, 4096 + 512).SequenceEqual(read.AsSpan(0, 4096 + 512)));
        Assert.True(expected.AsSpan(6144, 65536 - 6144).SequenceEqual(read.AsSpan(6144)));
    }

    [Fact]
    public async Task Extents_cover_the_range_and_call_no_data_a_hole()
    {
        await using BlockDevice device = await CreateAsync();
        await device.WriteAsync(Unit, Fill(Unit, 6), fua: false, Ending);
        await device.WriteAsync(3 * Unit + 8192, Fill(4096, 7), fua: true, Ending);
        var extents = new BlockExtent[64];
        int count = device.GetExtents(0, DiskLength, extents);
        Assert.Equal(DiskLength, extents.Take(count).Sum(e => e.Length));
        byte[] bytes = await ReadAsync(device, 0, DiskLength);
        long at = 0;
        foreach (BlockExtent extent in extents.Take(count))
        {
            if (extent.IsHole || extent.IsZero)
                Assert.Equal(-1, bytes.AsSpan((int)at, (int)extent.Length).IndexOfAnyExcept((byte)0));
            at += extent.Length;
        }
        Assert.True(extents[0].IsHole, "the first unit was never written");
        Assert.True(extents[0].Length >= Unit, "the hole is whole");
    }

    [Fact]
    public async Task Extents_stop_when_the_span_is_full()
    {
        await using BlockDevice device = await CreateAsync();
        for (int i = 0; i < 4; i++)
            await device.WriteAsync(i * Unit, Fill(4096, i), fua: true, Ending);
        var extents = new BlockExtent[1];
        Assert.Equal(1, device.GetExtents(0, DiskLength, extents));
        Assert.InRange(extents[0].Length, 1, DiskLength);
    }

    [Fact]
    public async Task Flushing_waits_for_nothing_that_is_not_there()
    {
        await using BlockDevice device = await CreateAsync();
        await device.FlushAsync(Ending);
        await device.WriteAsync(0, Fill(512, 8), fua: true, Ending);
        await device.FlushAsync(Ending);
        await device.PrefetchAsync(0, DiskLength, Ending);
    }

    [Fact]
    public async Task A_read_only_disk_reads_and_refuses_to_be_written()
    {
        await using BlockDevice device = await CreateAsync();
        byte[] data = Fill(8192, 9);
        await device.WriteAsync(4096, data, fua: true, Ending);
        await using BlockDevice readOnly = await OpenReadOnlyAsync(device);
        Assert.True(readOnly.IsReadOnly);
        Assert.Equal(data, await ReadAsync(readOnly, 4096, 8192));
        await RefusesAsync(() => readOnly.WriteAsync(0, data, fua: false, Ending));
        await RefusesAsync(() => readOnly.WriteZeroesAsync(0, 4096, mayUnmap: true, fua: false, Ending));
        await RefusesAsync(() => readOnly.DiscardAsync(0, 4096, Ending));
    }

    [Fact]
    public async Task A_resized_disk_says_so_and_its_new_part_is_zero()
    {
        await using BlockDevice device = await CreateAsync();
        byte[] data = Fill(DiskLength, 10);
        await device.WriteAsync(0, data, fua: true, Ending);
        var heard = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        device.LengthChanged += (_, _) => heard.TrySetResult();
        await ResizeAsync(device, DiskLength + Unit);
        await heard.Task.WaitAsync(TimeSpan.FromSeconds(20), Ending);
        Assert.Equal(DiskLength + Unit, device.Length);
        AssertSame(data, 0, data.Length, await ReadAsync(device, 0, DiskLength));
        Assert.Equal(-1, (await ReadAsync(device, DiskLength, Unit)).AsSpan().IndexOfAnyExcept((byte)0));
    }

    private static void AssertSame(byte[] expected, int offset, int length, byte[] read)
    {
        int same = expected.AsSpan(offset, length).CommonPrefixLength(read);
        Assert.True(same == length, $"differs {same} bytes after {offset}");
    }

    private static async Task RefusesAsync(Func<ValueTask> write) =>
        Assert.Equal(BlockErrno.EROFS, (await Assert.ThrowsAsync<BlockException>(async () => await write())).Errno);

    private static byte[] Fill(int length, int seed)
    {
        byte[] bytes = new byte[length];
        new Random(seed).NextBytes(bytes);
        return bytes;
    }

    /// <summary>Reads the way engines do: without waiting where the disk can.</summary>
    private static async Task<byte[]> ReadAsync(BlockDevice device, long offset, int length)
    {
        byte[] bytes = new byte[length];
        if (!device.TryRead(offset, bytes))
            await device.ReadAsync(offset, bytes, Ending);
        return bytes;
    }

    private static async Task WriteAsync(BlockDevice device, long offset, byte[] data)
    {
        if (!device.TryWrite(offset, data, fua: false))
            await device.WriteAsync(offset, data, fua: false, Ending);
    }
}
