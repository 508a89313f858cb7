using Pewter.NineP;
using Pewter.NineP.Serving;
using Pewter.Node.HostFiles;
using static Pewter.Node.Tests.Sessions.NodeFixture;

namespace Pewter.Node.Tests.Sessions;

public sealed class NodeTreeTests
{
    [Fact]
    public async Task The_machine_describes_itself()
    {
        await using var node = new NodeFixture();
        Assert.Equal("linux\n", await node.ReadAsync("/sys/os"));
        Assert.Equal($"{Environment.ProcessorCount}\n", await node.ReadAsync("/sys/cpus"));
        Assert.True(long.Parse(await node.ReadAsync("/sys/mem")) > 1 << 28);
        await node.WriteAsync("/sys/labels", "rack=7 gpu");
        await node.ReopenAsync();
        Assert.Equal("rack=7 gpu\n", await node.ReadAsync("/sys/labels"));
    }

    [Fact]
    public async Task Metrics_are_values_and_all_of_them_one_file()
    {
        await using var node = new NodeFixture();
        Assert.True(double.Parse(await node.ReadAsync("/metric/cpu/user")) > 0);
        Assert.True(long.Parse(await node.ReadAsync("/metric/mem/MemTotal")) > 0);
        var all = await node.ReadAsync("/metric/all");
        Assert.Contains("\nnet.lo.rx_bytes ", all);
        foreach (var group in (string[])["cpu", "mem", "load", "io", "net", "processes"])
        {
            foreach (var name in await node.Admin.ListAsync($"/metric/{group}", Token))
            {
                Assert.Contains($"{group}.{name} ", all);
            }
        }

        await Assert.ThrowsAsync<FileException>(() => node.ReadAsync("/metric/cpu/nothing"));
    }

    [Fact]
    public async Task A_leased_knob_goes_back_by_itself()
    {
        Assert.SkipUnless(Environment.IsPrivilegedProcess, "skipped, because it needs root");
        await using var node = new NodeFixture();
        var before = await node.ReadAsync("/knob/vm/vfs_cache_pressure");
        await node.WriteAsync("/knob/vm/vfs_cache_pressure", "123 lease 10s");
        await node.WriteAsync("/knob/vm/vfs_cache_pressure", "124 lease 300ms");
        Assert.Equal("124\n", await node.ReadAsync("/knob/vm/vfs_cache_pressure"));
        Assert.Contains($"restores={before.Trim()}", await node.ReadAsync("/knob/leases"));
        await Task.Delay(600, Token);
        Assert.Equal(before, await node.ReadAsync("/knob/vm/vfs_cache_pressure"));
        Assert.Equal("", await node.ReadAsync("/knob/leases"));
        await Assert.ThrowsAsync<FileException>(() => node.WriteAsync("/knob/vm/vfs_cache_pressure", "much"));
    }

    [Fact]
    public async Task Files_are_read_written_listed_and_removed_and_nothing_leads_out()
    {
        var root = System.IO.Directory.CreateTempSubdirectory("pw-fs-").FullName;
        using var host = new HostDirectory(root);
        var client = new Pewter.Tree.TreeClient(host.Root, Caller.System);
        var made = await host.Root.CreateAsync("a", OpenFlags.ReadWrite, 0x1A4, Caller.System, Token);
        Assert.Equal(5, await made.WriteAsync(0, "hello"u8.ToArray(), Token));
        await made.DisposeAsync();
        await host.Root.MakeDirectoryAsync("d", 0x1ED, Caller.System, Token);
        File.CreateSymbolicLink($"{root}/out", "/etc");
        File.CreateSymbolicLink($"{root}/d/up", "../../..");
        using (var fifo = System.Diagnostics.Process.Start("mkfifo", [$"{root}/fifo"]))
        {
            fifo.WaitForExit();
        }

        Assert.Equal(["a", "d", "out"], await client.ListAsync("/", Token));
        Assert.Equal(5UL, (await client.StatAsync("/a", Token)).Size);
        Assert.Equal("/etc", await (await client.WalkAsync("/out", followLast: false, Token)).ReadLinkAsync(Caller.System, Token));
        Assert.Null(await host.Root.WalkAsync("fifo", Caller.System, Token));
        var link = (await host.Root.WalkAsync("out", Caller.System, Token))!;
        await Assert.ThrowsAsync<FileException>(async () => await link.WalkAsync("passwd", Caller.System, Token));
        await host.Root.UnlinkAsync("a", directory: false, Caller.System, Token);
        await Assert.ThrowsAsync<FileException>(async () => await host.Root.UnlinkAsync("d", directory: false, Caller.System, Token));
        System.IO.Directory.Delete(root, true);
    }
}
