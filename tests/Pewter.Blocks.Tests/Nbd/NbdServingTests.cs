using Pewter.Blocks.Layers;
using Pewter.Blocks.Tests.Layers;
using Pewter.Testing;

namespace Pewter.Blocks.Tests.Nbd;

/// <summary>Clones of an image under many clients, under slow ones, and with their image taken away.</summary>
public sealed class NbdServingTests
{
    private const int Mi = 1 << 20;
    private const int Block = 4096;

    [Fact]
    public async Task Many_connections_each_get_what_they_asked_for()
    {
        await using ServedStore s = await ServedStore.StartAsync();
        byte[] golden = await GoldenAsync(s, 8 * Mi);
        const int Clients = 40;
        IReadOnlyList<DiskInfo> disks = await s.Store.CloneManyAsync("golden", Clients);
        foreach (DiskInfo disk in disks)
            s.Exports.Add(disk.Id, s.Store.OpenDisk(disk.Id), ServedStore.Loopback);
        RawNbdClient[] clients = [.. disks.Select(_ => new RawNbdClient(s.Socket))];
        for (int i = 0; i < Clients; i++)
            clients[i].Negotiate(disks[i].Id);
        await Parallel.ForAsync(0, Clients, (i, _) =>
        {
            UseAndCheck(clients[i], golden, i);
            return ValueTask.CompletedTask;
        });
        foreach (RawNbdClient client in clients)
            client.Dispose();
        await Until.TrueAsync(() => s.Server.ConnectionCount == 0, "all connections have ended");
    }

    [Fact]
    public async Task Clients_that_do_not_read_hold_up_nobody()
    {
        await using ServedStore s = await ServedStore.StartAsync();
        byte[] golden = await GoldenAsync(s, 8 * Mi);
        await s.Store.CloneAsync("golden", "web");
        s.Exports.Add("web", s.Store.OpenDisk("web"), ServedStore.Loopback);
        RawNbdClient[] mute = [.. Enumerable.Range(0, 8).Select(_ => new RawNbdClient(s.Socket))];
        foreach (RawNbdClient client in mute)
        {
            client.Negotiate("web");
            client.Send([.. Enumerable.Range(0, 64).SelectMany(i => RawNbdClient.Head(0, i * 65536, 65536))]);
        }

        await using var reader = new RawNbdClient(s.Socket);
        reader.Negotiate("web");
        for (int i = 0; i < 100; i++)
            Assert.Equal(golden.AsSpan(i * Block, Block).ToArray(), reader.Read(i * Block, Block));
        foreach (RawNbdClient client in mute)
            client.Dispose();
    }

    [Theory]
    [InlineData(4096)]
    [InlineData(128 << 10)]
    public async Task An_image_that_is_cut_under_its_clients_is_an_error_and_nothing_else(int length)
    {
        await using ServedStore s = await ServedStore.StartAsync();
        byte[] golden = await GoldenAsync(s, Mi);
        byte[] other = Bytes.Of(9, Mi);
        await (await s.ExportNewAsync("other", Mi)).WriteAsync(0, other);
        await s.Store.CloneAsync("golden", "web");
        s.Exports.Add("web", s.Store.OpenDisk("web"), ServedStore.Loopback);
        await using var good = new RawNbdClient(s.Socket);
        good.Negotiate("other");
        await using (var client = new RawNbdClient(s.Socket))
        {
            client.Negotiate("web");
            // By the second read the blocks are sent from the mapped file.
            for (int round = 0; round < 3; round++)
                Assert.Equal(golden.AsSpan(0, length).ToArray(), client.Read(0, length));
            string layer = s.Store.Layer("golden").Id;
            await using (var data = new FileStream(Path.Join(s.StorePath, $"{layer}.data"), FileMode.Open, FileAccess.Write, FileShare.ReadWrite))
                data.SetLength(0);
            // The head of the answer says success before the data fails, so only the end of the connection can tell.
            Assert.Throws<IOException>(() => client.Read(0, length));
        }

        await using (var client = new RawNbdClient(s.Socket))
        {
            client.Negotiate("web");
            if (length == Block)
                Assert.Equal(5u, client.TryRead(0, length, out _));
        }

        Assert.Equal(other.AsSpan(0, 65536).ToArray(), good.Read(0, 65536));
    }

    [Fact]
    public async Task A_flattened_disk_goes_on_while_its_image_is_removed()
    {
        await using ServedStore s = await ServedStore.StartAsync();
        byte[] golden = await GoldenAsync(s, Mi);
        await s.Store.CloneAsync("golden", "web");
        s.Exports.Add("web", s.Store.OpenDisk("web"), ServedStore.Loopback);
        await using var client = new RawNbdClient(s.Socket);
        client.Negotiate("web");
        for (int round = 0; round < 2; round++)
            Assert.Equal(golden.AsSpan(0, 65536).ToArray(), client.Read(0, 65536));
        await s.Store.FlattenAsync("web");
        await s.Store.DeleteLayerAsync("golden");
        Assert.Equal(golden.AsSpan(0, 65536).ToArray(), client.Read(0, 65536));
    }

    private static void UseAndCheck(RawNbdClient client, byte[] golden, int seed)
    {
        var random = new Random(seed);
        byte[] expected = (byte[])golden.Clone();
        for (int i = 0; i < 60; i++)
        {
            int length = random.Next(1, 40) * 512;
            int offset = random.Next((golden.Length - length) / 512) * 512;
            if (random.Next(3) == 0)
            {
                byte[] data = Bytes.Of(seed + i, length);
                client.Write(offset, data);
                data.CopyTo(expected, offset);
            }
            else
            {
                Assert.Equal(expected.AsSpan(offset, length).ToArray(), client.Read(offset, length));
            }
        }
    }

    private static async Task<byte[]> GoldenAsync(ServedStore s, int length)
    {
        byte[] content = Bytes.Of(42, length);
        DiskInfo disk = await s.Store.CreateDiskAsync(length);
        await using (LayeredDevice device = s.Store.OpenDisk(disk.Id))
            await device.WriteAsync(0, content);
        await s.Store.SnapshotAsync(disk.Id, "golden");
        await s.Store.DeleteDiskAsync(disk.Id);
        return content;
    }
}
