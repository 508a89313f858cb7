using System.Security.Cryptography;
using Pewter.Blocks.Layers;
using Pewter.Blocks.Tests.Layers;
using Pewter.Blocks.Tests.Nbd;
using Pewter.Blocks.Transfer;

namespace Pewter.Blocks.Tests.Transfer;

public sealed class TransferTests
{
    private const int Mi = 1 << 20;

    [Fact]
    public async Task A_raw_image_comes_in_sparse_and_goes_out_the_same()
    {
        await using TemporaryStore t = await TemporaryStore.OpenAsync();
        byte[] image = Image();
        LayerInfo layer = await ImportAsync(t.Store, image, Convert.ToHexString(SHA256.HashData(image)));
        Assert.Equal(image.Length, layer.Length);
        Assert.InRange(t.Store.UsedBytes("golden"), 5 * Mi, 6 * Mi);
        await using LayeredDevice device = t.Store.OpenLayer("golden");
        using var target = new MemoryStream();
        Assert.Equal(Convert.ToHexStringLower(SHA256.HashData(image)), await RawExport.WriteAsync(device, target, null, default));
        Assert.Equal(image, target.ToArray());
    }

    [Fact]
    public async Task A_wrong_digest_and_a_truncated_file_are_refused()
    {
        await using TemporaryStore t = await TemporaryStore.OpenAsync();
        byte[] image = Image();
        BlockException wrong = await Assert.ThrowsAsync<BlockException>(() => ImportAsync(t.Store, image, new string('0', 64)));
        Assert.Contains("SHA-256", wrong.Message);
        await using RawImport import = await RawImport.BeginAsync(t.Store, "cut", "file", default);
        await import.TakeAsync(new MemoryStream(image, 0, 3 * Mi), null, default);
        BlockException cut = await Assert.ThrowsAsync<BlockException>(async () => await import.CompleteAsync(image.Length, null, default));
        Assert.Contains("truncated", cut.Message);
        Assert.Empty(t.Store.Layers);
    }

    [Fact]
    public async Task An_interrupted_import_goes_on_where_it_was_durable()
    {
        await using TemporaryStore t = await TemporaryStore.OpenAsync();
        byte[] head = Bytes.Of(5, 4 * Mi), tail = Bytes.Of(6, 2 * Mi);
        const long Durable = 256L << 20;
        await using (RawImport first = await RawImport.BeginAsync(t.Store, "golden", "pipe", default))
        {
            await first.TakeAsync(new MemoryStream(head), null, default);
            for (int i = 0; i < 64; i++)
                await first.TakeAsync(new MemoryStream(new byte[4 * Mi]), null, default);
        }

        await t.ReopenAsync();
        await using RawImport again = await RawImport.BeginAsync(t.Store, "golden", "pipe", default);
        Assert.Equal(Durable, again.Position);
        await again.TakeAsync(new MemoryStream(tail), null, default);
        byte[] whole = [.. head, .. new byte[Durable - head.Length], .. tail];
        LayerInfo layer = await again.CompleteAsync(whole.Length, Convert.ToHexString(SHA256.HashData(whole)), default);
        Assert.Equal(whole.Length, layer.Length);
        Assert.Empty(t.Store.Disks);
    }

    [Fact]
    public async Task Qcow2_comes_in_and_a_snapshot_goes_out_while_its_disk_is_written()
    {
        Tool.Require("qemu-img");
        await using TemporaryStore t = await TemporaryStore.OpenAsync();
        string raw = Path.Join(t.Path, "in.raw"), qcow = Path.Join(t.Path, "in.qcow2"), back = Path.Join(t.Path, "out.qcow2");
        await File.WriteAllBytesAsync(raw, Image());
        await Tool.RunAsync("qemu-img", "convert", "-f", "raw", "-O", "qcow2", raw, qcow);
        var qemu = new QemuImage();
        await qemu.ImportAsync(t.Store, "golden", qcow, "qcow2", default);
        Assert.InRange(t.Store.UsedBytes("golden"), 5 * Mi, 6 * Mi);
        await t.Store.CloneAsync("golden", "web");
        await using LayeredDevice disk = t.Store.OpenDisk("web");
        using var stop = new CancellationTokenSource();
        Task writing = Task.Run(async () =>
        {
            for (int i = 0; !stop.IsCancellationRequested; i++)
                await disk.WriteAsync(i % 64 * 4096, Bytes.Of(i, 4096));
        });
        await using (LayeredDevice layer = t.Store.OpenLayer("golden"))
        {
            Assert.Equal(2, (await layer.ReadAsync(0, 2)).Length);
            await qemu.ExportAsync(layer, back, "qcow2", default);
        }

        await stop.CancelAsync();
        await writing;
        await Tool.RunAsync("qemu-img", "compare", "-f", "raw", "-F", "qcow2", raw, back);
        BlockException error = await Assert.ThrowsAsync<BlockException>(async () => await qemu.ImportAsync(t.Store, "bad", raw, "qcow2", default));
        Assert.Contains("qemu-img", error.Message);
        Assert.Null(t.Store.FindDisk("import:bad"));
    }

    private static byte[] Image() => [.. Bytes.Of(1, 2 * Mi), .. new byte[30 * Mi], .. Bytes.Of(2, 3 * Mi), .. new byte[512]];

    private static async Task<LayerInfo> ImportAsync(LayerStore store, byte[] image, string digest)
    {
        await using RawImport import = await RawImport.BeginAsync(store, "golden", "memory", default);
        await import.TakeAsync(new MemoryStream(image), null, default);
        return await import.CompleteAsync(image.Length, digest, default);
    }
}
