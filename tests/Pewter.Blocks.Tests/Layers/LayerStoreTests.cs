using System.Diagnostics;
using Pewter.Blocks.Layers;

namespace Pewter.Blocks.Tests.Layers;

public sealed class LayerStoreTests
{
    private const int Mi = 1 << 20;

    [Fact]
    public async Task Clones_share_the_image_and_differ_by_what_they_wrote()
    {
        await using TemporaryStore t = await TemporaryStore.OpenAsync();
        byte[] golden = await GoldenAsync(t, 4 * Mi);
        IReadOnlyList<DiskInfo> clones = await t.Store.CloneManyAsync("golden", 3, "web");
        Assert.Equal(["web-1", "web-2", "web-3"], clones.Select(c => c.Name));
        await using LayeredDevice first = t.Store.OpenDisk("web-1");
        await using LayeredDevice second = t.Store.OpenDisk("web-2");
        await first.WriteAsync(100, Bytes.Of(9, 5000));
        Assert.Equal(golden, await second.ReadAsync(0, golden.Length));
        Bytes.Of(9, 5000).CopyTo(golden, 100);
        Assert.Equal(golden, await first.ReadAsync(0, golden.Length));
        Assert.Equal(0, t.Store.UsedBytes("web-2"));
    }

    [Fact]
    public async Task A_rollback_returns_to_the_snapshot()
    {
        await using TemporaryStore t = await TemporaryStore.OpenAsync();
        byte[] golden = await GoldenAsync(t, Mi);
        await t.Store.CloneAsync("golden", "web");
        await using (LayeredDevice device = t.Store.OpenDisk("web"))
        {
            await device.WriteAsync(0, Bytes.Of(7, 8192));
            Assert.Equal(BlockErrno.EBUSY, (await Assert.ThrowsAsync<BlockException>(async () => await t.Store.RollbackAsync("web", "golden"))).Errno);
        }

        await t.Store.RollbackAsync("web", "golden");
        await using LayeredDevice again = t.Store.OpenDisk("web");
        Assert.Equal(golden, await again.ReadAsync(0, golden.Length));
    }

    [Fact]
    public async Task A_flattened_disk_no_longer_needs_its_image()
    {
        await using TemporaryStore t = await TemporaryStore.OpenAsync();
        byte[] golden = await GoldenAsync(t, 8 * Mi);
        await t.Store.CloneAsync("golden", "web");
        await t.Store.FlattenAsync("web");
        await t.Store.DeleteLayerAsync("golden");
        await t.ReopenAsync();
        await using LayeredDevice device = t.Store.OpenDisk("web");
        Assert.Equal(golden, await device.ReadAsync(0, golden.Length));
    }

    [Fact]
    public async Task Deleting_what_others_stand_on_is_refused_and_names_them()
    {
        await using TemporaryStore t = await TemporaryStore.OpenAsync();
        await GoldenAsync(t, Mi);
        DiskInfo disk = await t.Store.CloneAsync("golden", "web");
        BlockException refused = await Assert.ThrowsAsync<BlockException>(async () => await t.Store.DeleteLayerAsync("golden"));
        Assert.Equal(BlockErrno.EBUSY, refused.Errno);
        Assert.Contains(disk.Id, refused.Message);
    }

    [Fact]
    public async Task Garbage_is_collected_beside_a_running_disk()
    {
        await using TemporaryStore t = await TemporaryStore.OpenAsync();
        await GoldenAsync(t, Mi);
        await t.Store.CloneAsync("golden", "web");
        await using LayeredDevice device = t.Store.OpenDisk("web");
        await t.Store.CloneAsync("golden", "old");
        await using (LayeredDevice old = t.Store.OpenDisk("old"))
            await old.WriteAsync(0, Bytes.Of(1, Mi));
        LayerInfo unnamed = await t.Store.SnapshotAsync("old");
        await t.Store.DeleteDiskAsync("old");
        await File.WriteAllBytesAsync(Path.Join(t.Path, "l999.data"), new byte[8192]);
        Assert.True(await t.Store.CollectAsync() >= Mi);
        Assert.Null(t.Store.FindLayer(unnamed.Id));
        Assert.False(File.Exists(Path.Join(t.Path, "l999.data")));
        Assert.NotNull(t.Store.FindLayer("golden"));
    }

    [Fact]
    public async Task A_smaller_disk_loses_its_tail_for_good()
    {
        await using TemporaryStore t = await TemporaryStore.OpenAsync();
        byte[] golden = await GoldenAsync(t, 8 * Mi);
        await t.Store.CloneAsync("golden", "web");
        await t.Store.ResizeAsync("web", (3 * Mi) + 512);
        await t.Store.ResizeAsync("web", 6 * Mi);
        await using LayeredDevice device = t.Store.OpenDisk("web");
        byte[] expected = new byte[6 * Mi];
        golden.AsSpan(0, (3 * Mi) + 512).CopyTo(expected);
        Assert.Equal(expected, await device.ReadAsync(0, expected.Length));
    }

    [Fact]
    public async Task Bit_rot_is_found_and_named()
    {
        await using TemporaryStore t = await TemporaryStore.OpenAsync();
        await GoldenAsync(t, 4 * Mi);
        string layer = t.Store.Layer("golden").Id;
        await t.Store.CloneAsync("golden", "web");
        string file = Path.Join(t.Path, layer + ".data");
        DateTime stamp = File.GetLastWriteTimeUtc(file);
        await using (var data = new FileStream(file, FileMode.Open, FileAccess.ReadWrite, FileShare.ReadWrite))
        {
            data.Seek((2 * Mi) + 77, SeekOrigin.Begin);
            data.WriteByte((byte)(Bytes.Of(42, 4 * Mi)[(2 * Mi) + 77] ^ 4));
        }

        File.SetLastWriteTimeUtc(file, stamp);
        VerifyReport report = await t.Store.VerifyAsync("web");
        BlockDamage damage = Assert.Single(report.Damages);
        Assert.Equal((layer, 2L * Mi), (damage.Layer, damage.Offset));
    }

    [Fact]
    public async Task An_altered_base_is_refused_with_a_clear_error()
    {
        await using TemporaryStore t = await TemporaryStore.OpenAsync();
        await GoldenAsync(t, Mi);
        await t.Store.CloneAsync("golden", "web");
        await t.Store.DisposeAsync();
        await File.AppendAllTextAsync(Path.Join(t.Path, "l2.data"), "x");
        await t.ReopenAsync();
        await using LayeredDevice device = t.Store.OpenDisk("web");
        BlockException error = await Assert.ThrowsAsync<BlockException>(async () => await device.ReadAsync(0, 512));
        Assert.Equal(BlockErrno.EIO, error.Errno);
        Assert.Contains("altered", error.Message);
    }

    [Theory]
    [InlineData("l2.data")]
    [InlineData("l2.map")]
    public async Task A_vanished_base_is_refused_with_a_clear_error(string file)
    {
        await using TemporaryStore t = await TemporaryStore.OpenAsync();
        await GoldenAsync(t, Mi);
        await t.Store.CloneAsync("golden", "web");
        await t.Store.DisposeAsync();
        File.Delete(Path.Join(t.Path, file));
        await t.ReopenAsync();
        await using LayeredDevice device = t.Store.OpenDisk("web");
        BlockException error = await Assert.ThrowsAsync<BlockException>(async () => await device.ReadAsync(0, 512));
        Assert.Contains(file, error.Message);
    }

    [Fact]
    public async Task A_second_writer_is_refused()
    {
        await using TemporaryStore t = await TemporaryStore.OpenAsync();
        DiskInfo disk = await t.Store.CreateDiskAsync(Mi);
        await using LayeredDevice device = t.Store.OpenDisk(disk.Id);
        Assert.Equal(BlockErrno.EBUSY, Assert.Throws<BlockException>(() => t.Store.OpenDisk(disk.Id)).Errno);
        BlockException second = await Assert.ThrowsAsync<BlockException>(async () => await LayerStore.OpenAsync(t.Path));
        Assert.Equal(BlockErrno.EBUSY, second.Errno);
    }

    [Fact]
    public async Task A_full_disk_is_ENOSPC_and_damages_nothing()
    {
        string mount = Directory.CreateTempSubdirectory($"pw-{Environment.ProcessId}-full-").FullName;
        if (!Run("mount", "-t", "tmpfs", "-o", "size=8m", "tmpfs", mount))
            Assert.Skip("skipped, because mounting a tmpfs needs root");
        try
        {
            await using LayerStore store = await LayerStore.OpenAsync(mount);
            DiskInfo disk = await store.CreateDiskAsync(64 * Mi);
            await using (LayeredDevice device = store.OpenDisk(disk.Id))
            {
                await device.WriteAsync(0, Bytes.Of(1, 4 * Mi));
                await device.FlushAsync(default);
                BlockException full = await Assert.ThrowsAsync<BlockException>(async () => await device.WriteAsync(4 * Mi, Bytes.Of(2, 8 * Mi)));
                Assert.Equal(BlockErrno.ENOSPC, full.Errno);
                Assert.Equal(Bytes.Of(1, 4 * Mi), await device.ReadAsync(0, 4 * Mi));
                await device.DiscardAsync(4 * Mi, 60 * Mi, default);
                await device.WriteAsync(8 * Mi, Bytes.Of(3, Mi));
            }

            Assert.Empty((await store.VerifyAsync(disk.Id)).Damages);
            await using LayeredDevice again = store.OpenDisk(disk.Id);
            Assert.Equal(Bytes.Of(3, Mi), await again.ReadAsync(8 * Mi, Mi));
        }
        finally
        {
            Run("umount", mount);
            Directory.Delete(mount);
        }
    }

    [Fact]
    public async Task Heat_tells_what_was_read_first_and_survives()
    {
        await using TemporaryStore t = await TemporaryStore.OpenAsync();
        await GoldenAsync(t, 4 * Mi);
        await t.Store.CloneAsync("golden", "web");
        await using (LayeredDevice device = t.Store.OpenDisk("web"))
        {
            await device.ReadAsync(Mi, 8192);
            await device.ReadAsync(Mi + 8192, 100);
            await device.ReadAsync(0, 512);
            await device.ReadAsync(Mi, 4096);
            Assert.Equal([(Mi, 12288L), (0, 4096)], device.Heat.Runs().Select(r => (r.Offset, r.Length)));
            t.Store.SaveHeat("golden", device.Heat);
        }

        await t.ReopenAsync();
        HeatMap heat = t.Store.LoadHeat("golden")!;
        Assert.Equal(16384, heat.TouchedBytes);
        await using LayeredDevice next = t.Store.OpenDisk("web");
        await next.PrefetchAsync(heat, default);
        Assert.Equal(0, next.Heat.TouchedBytes);
    }

    [Fact]
    public async Task The_journal_is_compacted_and_says_the_same()
    {
        await using TemporaryStore t = await TemporaryStore.OpenAsync();
        await GoldenAsync(t, Mi);
        for (int i = 0; i < 10; i++)
            await t.Store.CloneManyAsync("golden", 4000);
        foreach (DiskInfo disk in t.Store.Disks.Take(100))
            await t.Store.DeleteDiskAsync(disk.Id);
        (int Layers, int Disks) before = (t.Store.Layers.Count, t.Store.Disks.Count);
        await t.ReopenAsync();
        Assert.Equal(before, (t.Store.Layers.Count, t.Store.Disks.Count));
        HashSet<string> ids = [.. t.Store.Disks.Select(d => d.Id)];
        Assert.DoesNotContain((await t.Store.CloneAsync("golden")).Id, ids);
    }

    private static async Task<byte[]> GoldenAsync(TemporaryStore t, int length)
    {
        DiskInfo disk = await t.Store.CreateDiskAsync(length);
        byte[] content = Bytes.Of(42, length);
        await using (LayeredDevice device = t.Store.OpenDisk(disk.Id))
            await device.WriteAsync(0, content);
        await t.Store.SnapshotAsync(disk.Id, "golden");
        await t.Store.DeleteDiskAsync(disk.Id);
        return content;
    }

    private static bool Run(string program, params string[] arguments)
    {
        using Process process = Process.Start(new ProcessStartInfo(program, arguments) { RedirectStandardError = true })!;
        process.WaitForExit();
        return process.ExitCode == 0;
    }
}
