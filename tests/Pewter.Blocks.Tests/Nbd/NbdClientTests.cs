using System.Net.Sockets;
using Pewter.Blocks.Exports;
using Pewter.Blocks.Layers;
using Pewter.Blocks.Nbd;
using Pewter.Blocks.Tests.Layers;

namespace Pewter.Blocks.Tests.Nbd;

/// <summary>The clients that Debian ships, against this server.</summary>
public sealed class NbdClientTests
{
    private const int Mi = 1 << 20;

    [Fact]
    public async Task Nbdinfo_shows_the_export()
    {
        Tool.Require("nbdinfo");
        await using ServedStore s = await ServedStore.StartAsync();
        await s.ExportNewAsync("web", 64 * Mi);
        string info = await Tool.RunAsync("nbdinfo", "--json", s.Uri("web"));
        foreach (string ability in (string[])["can_multi_conn", "can_fua", "can_trim", "can_df", "can_zero", "can_cache"])
            Assert.Contains($"\"{ability}\": true", info);
        Assert.Contains("\"export-size\": 67108864", info);
        Assert.Contains("base:allocation", info);
        Assert.Contains("web", await Tool.RunAsync("nbdinfo", "--list", s.TcpUri("")));
    }

    [Fact]
    public async Task Nbdcopy_copies_in_and_out_over_many_connections()
    {
        Tool.Require("nbdcopy");
        await using ServedStore s = await ServedStore.StartAsync();
        await s.ExportNewAsync("web", 64 * Mi);
        string source = Path.GetTempFileName(), target = Path.GetTempFileName();
        try
        {
            byte[] content = new byte[64 * Mi];
            Bytes.Of(3, 20 * Mi).CopyTo(content, 7 * Mi);
            await File.WriteAllBytesAsync(source, content);
            await Tool.RunAsync("nbdcopy", "--flush", source, s.Uri("web"));
            await Tool.RunAsync("nbdcopy", "--connections=4", s.TcpUri("web"), target);
            Assert.Equal(content, await File.ReadAllBytesAsync(target));
            await Tool.RunAsync("qemu-img", "compare", "-f", "raw", "-F", "raw", source, s.TcpUri("web"));
        }
        finally
        {
            File.Delete(source);
            File.Delete(target);
        }
    }

    [Fact]
    public async Task Qemu_img_sees_holes_and_converts()
    {
        Tool.Require("qemu-img");
        await using ServedStore s = await ServedStore.StartAsync();
        LayeredDevice device = await s.ExportNewAsync("web", 64 * Mi);
        await device.WriteAsync(8 * Mi, Bytes.Of(1, Mi));
        string map = await Tool.RunAsync("qemu-img", "map", "--output=json", "-f", "raw", s.Uri("web"));
        Assert.Matches("\"start\": 8388608, \"length\": 1048576, .*\"zero\": false, \"data\": true", map);
        Assert.Matches("\"start\": 0, \"length\": 8388608, .*\"zero\": true, \"data\": false", map);
        string copy = Path.Join(Path.GetTempPath(), $"pw-{Environment.ProcessId}-{Guid.NewGuid():N}.qcow2");
        try
        {
            await Tool.RunAsync("qemu-img", "convert", "-f", "raw", "-O", "qcow2", s.Uri("web"), copy);
            await Tool.RunAsync("qemu-img", "compare", "-f", "qcow2", "-F", "raw", copy, s.Uri("web"));
        }
        finally
        {
            File.Delete(copy);
        }
    }

    [Fact]
    public async Task Qemu_io_writes_zeroes_discards_and_verifies_patterns()
    {
        Tool.Require("qemu-io");
        await using ServedStore s = await ServedStore.StartAsync();
        await s.ExportNewAsync("web", 64 * Mi);
        string output = await Tool.RunAsync(
            "qemu-io", "-f", "raw", "-d", "unmap",
            "-c", "write -P 0xab 1M 3M", "-c", "write -f -P 0xcd 5k 700", "-c", "read -P 0xab 1M 3M", "-c", "read -P 0xcd 5k 700",
            "-c", "write -z 2M 64k", "-c", "write -z -u 3M 64k", "-c", "read -P 0 2M 64k", "-c", "read -P 0 3M 64k",
            "-c", "discard 1M 512k", "-c", "read -P 0 1M 512k", "-c", "read -P 0xab 1536k 512k", "-c", "flush", s.Uri("web"));
        Assert.DoesNotContain("failed", output, StringComparison.OrdinalIgnoreCase);
    }

    [Fact]
    public async Task Nbdsh_reaches_every_command()
    {
        Tool.Require("nbdsh");
        await using ServedStore s = await ServedStore.StartAsync();
        await s.ExportNewAsync("web", 64 * Mi);
        const string Script = """
            assert h.get_size() == 67108864
            assert h.get_structured_replies_negotiated()
            assert h.can_meta_context("base:allocation")
            h.pwrite(b"x" * 5000, 4090, nbd.CMD_FLAG_FUA)
            assert h.pread(5000, 4090) == b"x" * 5000
            assert h.pread(10, 4085) == b"\0" * 5 + b"x" * 5
            h.zero(4096, 8192)
            assert h.pread(4096, 8192) == b"\0" * 4096
            h.trim(1 << 20, 0)
            h.flush()
            h.cache(65536, 0)
            got = []
            h.block_status(1 << 20, 0, lambda c, o, e, err: got.extend(e))
            assert sum(got[0::2]) >= 1 << 20, got
            chunks = []
            assert h.pread_structured(65536, 1 << 20, lambda b, o, st, err: chunks.append(st), nbd.CMD_FLAG_DF) == b"\0" * 65536
            h.set_strict_mode(0)
            for bad, errno_ in ((lambda: h.pread(512, 67108864), 22), (lambda: h.pwrite(b"x" * 512, 67108864), 28)):
                try:
                    bad()
                    assert False, "no error"
                except nbd.Error as e:
                    assert e.errnum == errno_, e
            assert h.pread(512, 0) == b"\0" * 512
            h.shutdown()
            """;
        await Tool.RunAsync("nbdsh", "--base-allocation", "-u", s.Uri("web"), "-c", Script);
    }

    [Fact]
    public async Task A_read_only_export_refuses_writes()
    {
        Tool.Require("nbdsh");
        await using ServedStore s = await ServedStore.StartAsync();
        DiskInfo disk = await s.Store.CreateDiskAsync(Mi);
        LayerInfo layer = await s.Store.SnapshotAsync(disk.Id, "golden");
        s.Exports.Add("golden", s.Store.OpenLayer(layer.Id), ServedStore.Loopback);
        await Tool.RunAsync("nbdsh", "-u", s.Uri("golden"), "-c", """
            assert h.is_read_only()
            h.set_strict_mode(0)
            try:
                h.pwrite(b"x" * 512, 0)
                assert False
            except nbd.Error as e:
                assert e.errnum == 1, e
            """);
    }

    [Fact]
    public async Task A_client_from_elsewhere_sees_nothing_and_gets_nothing()
    {
        Tool.Require("nbdinfo");
        await using ServedStore s = await ServedStore.StartAsync();
        DiskInfo disk = await s.Store.CreateDiskAsync(Mi);
        s.Exports.Add("secret", s.Store.OpenDisk(disk.Id), ExportAccess.Local);
        (int code, string output) = await Tool.TryAsync("nbdinfo", s.TcpUri("secret"));
        Assert.NotEqual(0, code);
        Assert.Contains("secret", output);
        Assert.DoesNotContain("secret", await Tool.RunAsync("nbdinfo", "--list", s.TcpUri("")));
        await Tool.RunAsync("nbdinfo", s.Uri("secret"));
    }

    [Fact]
    public async Task A_second_host_is_refused_a_disk_for_one()
    {
        Tool.Require("nbdsh");
        await using ServedStore s = await ServedStore.StartAsync();
        DiskInfo disk = await s.Store.CreateDiskAsync(Mi);
        s.Exports.Add("web", s.Store.OpenDisk(disk.Id), ServedStore.Loopback with { OneHost = true });
        string other = s.TcpUri("web");
        await Tool.RunAsync("nbdsh", "-u", s.Uri("web"), "-c", $"""
            second = nbd.NBD()
            second.connect_uri("{s.Uri("web")}")
            try:
                nbd.NBD().connect_uri("{other}")
                assert False
            except nbd.Error as e:
                assert "policy prevents" in str(e), e
            """);
    }

    [Fact]
    public async Task Fio_verifies_what_it_wrote()
    {
        Tool.Require("fio");
        await using ServedStore s = await ServedStore.StartAsync();
        await s.ExportNewAsync("web", 64 * Mi);
        await Tool.RunAsync(
            "fio", "--name=verify", "--ioengine=nbd", $"--uri={s.Uri("web")}", "--rw=randwrite", "--bssplit=512/10:4k/60:64k/20:5k/10", "--iodepth=16",
            "--size=32m", "--verify=crc32c", "--do_verify=1", "--verify_fatal=1", "--fsync=64", "--randrepeat=1");
        Assert.Empty((await s.Store.VerifyAsync("web")).Damages);
    }

    [Fact]
    public async Task A_full_store_is_ENOSPC_to_the_client_and_damages_nothing()
    {
        Tool.Require("nbdsh");
        string mount = Directory.CreateTempSubdirectory($"pw-{Environment.ProcessId}-nbdfull-").FullName;
        if ((await Tool.TryAsync("mount", "-t", "tmpfs", "-o", "size=8m", "tmpfs", mount)).Code != 0)
            Assert.Skip("skipped, because mounting a tmpfs needs root");
        try
        {
            await using LayerStore store = await LayerStore.OpenAsync(mount);
            await using var exports = new ExportTable();
            DiskInfo disk = await store.CreateDiskAsync(64 * Mi);
            exports.Add("web", store.OpenDisk(disk.Id), ExportAccess.Local);
            await using var server = new NbdServer(exports);
            string socket = Path.Join(mount, "nbd");
            server.Listen(new UnixDomainSocketEndPoint(socket));
            await Tool.RunAsync("nbdsh", "-u", $"nbd+unix:///web?socket={socket}", "-c", """
                h.pwrite(b"a" * (4 << 20), 0, nbd.CMD_FLAG_FUA)
                try:
                    for i in range(8):
                        h.pwrite(b"b" * (1 << 20), (8 + i) << 20)
                    assert False, "no error"
                except nbd.Error as e:
                    assert e.errnum == 28, e
                assert h.pread(4 << 20, 0) == b"a" * (4 << 20)
                h.trim(56 << 20, 8 << 20)
                h.pwrite(b"c" * (1 << 20), 32 << 20, nbd.CMD_FLAG_FUA)
                assert h.pread(1 << 20, 32 << 20) == b"c" * (1 << 20)
                """);
            Assert.Empty((await store.VerifyAsync(disk.Id)).Damages);
        }
        finally
        {
            await Tool.TryAsync("umount", mount);
            Directory.Delete(mount);
        }
    }

    [Fact]
    public async Task A_removed_export_cuts_its_clients_and_closes_the_disk()
    {
        Tool.Require("nbdsh");
        await using ServedStore s = await ServedStore.StartAsync();
        await s.ExportNewAsync("web", Mi);
        Task<(int Code, string Output)> client = Tool.TryAsync("nbdsh", "-u", s.Uri("web"), "-c", "import time; print('in', flush=True); h.poll(20000)");
        while (s.Exports.Find("web")!.Leases.Count == 0)
            await Task.Delay(10);
        await s.Exports.RemoveAsync("web");
        await client;
        await s.Store.DeleteDiskAsync("web");
        Assert.Empty(s.Store.Disks);
    }
}
