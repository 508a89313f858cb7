using System.Net.Sockets;
using Pewter.Blocks.Exports;
using Pewter.Blocks.Nbd;
using Pewter.Blocks.Rbd;
using Pewter.Blocks.Tests.Iscsi;
using Pewter.Blocks.Tests.Nbd;
using Pewter.Testing;
using Pewter.Testing.Ceph;

namespace Pewter.Blocks.Tests.Rbd;

/// <summary>
/// Images, snapshots and clones in a real cluster, beside Ceph's own program and through the iSCSI target.
/// </summary>
[Collection(CephCollection.Name)]
public sealed class RbdClusterTests(CephFixture ceph) : IAsyncLifetime
{
    private const int Length = 16 << 20;

    private RbdCluster _cluster = null!;

    private static CancellationToken Ending => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync() => _cluster = await RbdCluster.ConnectAsync(new RbdConfig(ceph.ConfigurationFile, "rbd"), Ending);

    public async ValueTask DisposeAsync()
    {
        if (_cluster is not null)
            await _cluster.DisposeAsync();
    }

    [Fact]
    public async Task A_golden_image_is_imported_protected_cloned_written_and_flattened()
    {
        byte[] image = Bytes(1);
        image.AsSpan(4 << 20, 4 << 20).Clear();
        await _cluster.ImportAsync("golden", new MemoryStream(image), Length, Ending);
        await _cluster.SnapshotAsync("golden", "v1", Ending);
        await FailsAsync(BlockErrno.EINVAL, () => _cluster.CloneAsync("golden", "v1", "early", Ending));
        await _cluster.ProtectAsync("golden", "v1", Ending);
        await _cluster.CloneAsync("golden", "v1", "clone", Ending);
        await using (RbdDevice clone = await _cluster.OpenAsync("clone", snapshot: null, Ending))
        {
            byte[] own = Bytes(2)[..65536];
            await clone.WriteAsync(12345 * 512, own, fua: true, Ending);
            byte[] expected = [.. image];
            own.CopyTo(expected, 12345 * 512);
            Assert.Equal(expected, await ReadAllAsync(clone));
        }
        await FailsAsync(BlockErrno.EBUSY, () => _cluster.UnprotectAsync("golden", "v1", Ending));
        await FailsAsync(BlockErrno.EBUSY, () => _cluster.RemoveSnapshotAsync("golden", "v1", Ending));
        Assert.Contains("parent: rbd/golden@v1", await ceph.RunAsync("rbd info clone"));
        await _cluster.FlattenAsync("clone", Ending);
        await _cluster.UnprotectAsync("golden", "v1", Ending);
        await _cluster.RemoveSnapshotAsync("golden", "v1", Ending);
        await _cluster.RemoveAsync("golden", Ending);
        IReadOnlyList<string> names = await _cluster.ListAsync(Ending);
        Assert.Contains("clone", names);
        Assert.DoesNotContain("golden", names);
    }

    [Fact]
    public async Task A_snapshot_stays_as_it_was_and_an_image_rolls_back_to_it()
    {
        await _cluster.CreateAsync("rolled", Length, Ending);
        byte[] before = Bytes(3);
        await using (RbdDevice device = await _cluster.OpenAsync("rolled", snapshot: null, Ending))
        {
            await device.WriteAsync(0, before, fua: true, Ending);
            await _cluster.SnapshotAsync("rolled", "good", Ending);
            await device.WriteAsync(0, Bytes(4), fua: true, Ending);
        }
        await using (RbdDevice snapshot = await _cluster.OpenAsync("rolled", "good", Ending))
            Assert.Equal(before, await ReadAllAsync(snapshot));
        await _cluster.RollBackAsync("rolled", "good", Ending);
        await using RbdDevice back = await _cluster.OpenAsync("rolled", snapshot: null, Ending);
        Assert.Equal(before, await ReadAllAsync(back));
    }

    [Fact]
    public async Task An_import_that_ends_early_leaves_nothing()
    {
        await FailsAsync(BlockErrno.EIO, () => _cluster.ImportAsync("short", new MemoryStream(new byte[1000]), Length, Ending));
        Assert.DoesNotContain("short", await _cluster.ListAsync(Ending));
    }

    [Fact]
    public async Task What_is_not_there_and_what_is_there_already_are_told_apart()
    {
        await FailsAsync(BlockErrno.ENOENT, () => _cluster.OpenAsync("nothing", snapshot: null, Ending));
        await FailsAsync(BlockErrno.ENOENT, () => _cluster.RemoveAsync("nothing", Ending));
        await _cluster.CreateAsync("twice", Length, Ending);
        await FailsAsync(BlockErrno.EEXIST, () => _cluster.CreateAsync("twice", Length, Ending));
        await FailsAsync(BlockErrno.ENOENT, () => _cluster.OpenAsync("twice", "nothing", Ending));
    }

    [Fact]
    public async Task A_cluster_that_does_not_answer_fails_with_a_sentence()
    {
        using var directory = new TemporaryDirectory();
        await File.WriteAllTextAsync(directory["ceph.conf"], "[global]\nmon host = [v2:127.0.0.1:1/0]\nauth client required = none\n", Ending);
        var config = new RbdConfig(directory["ceph.conf"], "rbd")
        {
            Timeout = TimeSpan.FromSeconds(1),
            Options = new Dictionary<string, string> { ["key"] = "c2VjcmV0LXNlY3JldA==" },
        };
        _ = ceph.ConfigurationFile;
        BlockException failure = await Assert.ThrowsAsync<BlockException>(() => RbdCluster.ConnectAsync(config, Ending));
        Assert.Equal(BlockErrno.EIO, failure.Errno);
        Assert.DoesNotContain("c2VjcmV0", failure.Message + config);
    }

    [Fact]
    public async Task An_iSCSI_initiator_uses_an_image_as_its_disk()
    {
        await _cluster.CreateAsync("served", 64 << 20, Ending);
        await using RbdDevice device = await _cluster.OpenAsync("served", snapshot: null, Ending);
        await using (var target = new TargetFixture(device: device))
        {
            ShellResult result = await Shell.RunAsync($"""
                timeout 40 qemu-io -f raw -c 'write -P 0x31 1M 6M' -c 'aio_write -P 0x32 8M 4M' -c 'aio_flush' -c 'discard 2M 1M' \
                  -c 'read -P 0x31 1M 1M' -c 'read -P 0x32 8M 4M' -c flush '{target.Url}'
                """);
            Assert.True(result.ExitCode == 0, result.Output + result.Errors);
            Assert.DoesNotContain("verification failed", result.Output);
        }
        string other = await ceph.RunAsync("rbd export served - | tail -c +8388609 | head -c 4194304 | tr -d '2' | wc -c");
        Assert.Equal("0", other.Trim());
    }

    [Fact]
    public async Task NBD_clients_use_a_clone_as_their_disk()
    {
        byte[] golden = Bytes(3);
        await _cluster.ImportAsync("nbd-golden", new MemoryStream(golden), Length, Ending);
        await _cluster.SnapshotAsync("nbd-golden", "v1", Ending);
        await _cluster.ProtectAsync("nbd-golden", "v1", Ending);
        await _cluster.CloneAsync("nbd-golden", "v1", "nbd-clone", Ending);
        RbdDevice device = await _cluster.OpenAsync("nbd-clone", snapshot: null, Ending);
        using var folder = new TemporaryDirectory();
        string socket = Path.Join(folder.Path, "nbd"), uri = $"nbd+unix:///clone?socket={socket}", copy = Path.Join(folder.Path, "copy");
        await using (var exports = new ExportTable())
        {
            exports.Add("clone", device, ExportAccess.Local);
            await using var server = new NbdServer(exports);
            server.Listen(new UnixDomainSocketEndPoint(socket));
            await Tool.RunAsync("nbdcopy", "--connections=4", uri, copy);
            Assert.Equal(golden, await File.ReadAllBytesAsync(copy, Ending));
            await Tool.RunAsync(
                "qemu-io", "-f", "raw", "-c", "write -P 0x41 1M 3M", "-c", "write -z -u 5M 1M", "-c", "discard 7M 1M", "-c", "read -P 0x41 1M 3M",
                "-c", "read -P 0 5M 1M", "-c", "flush", uri);
            await Tool.RunAsync(
                "fio", "--name=verify", "--ioengine=nbd", $"--uri={uri}", "--rw=randwrite", "--bs=4k", "--iodepth=8", "--offset=8m", "--size=4m",
                "--verify=crc32c", "--verify_fatal=1", "--fsync=32");
        }

        string seen = await ceph.RunAsync("rbd export nbd-clone - | tail -c +1048577 | head -c 3145728 | tr -d 'A' | wc -c");
        Assert.Equal("0", seen.Trim());
        string parent = await ceph.RunAsync("rbd export nbd-golden@v1 - | sha256sum");
        Assert.StartsWith(Convert.ToHexStringLower(System.Security.Cryptography.SHA256.HashData(golden)), parent, StringComparison.Ordinal);
    }

    private static async Task<byte[]> ReadAllAsync(BlockDevice device)
    {
        byte[] bytes = new byte[device.Length];
        await device.ReadAsync(0, bytes, Ending);
        return bytes;
    }

    private static byte[] Bytes(int seed)
    {
        byte[] bytes = new byte[Length];
        new Random(seed).NextBytes(bytes);
        return bytes;
    }

    private static async Task FailsAsync(int errno, Func<Task> act) =>
        Assert.Equal(errno, (await Assert.ThrowsAsync<BlockException>(act)).Errno);
}
