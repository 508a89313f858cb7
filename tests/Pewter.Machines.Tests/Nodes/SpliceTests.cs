using Pewter.NineP;
using Pewter.Testing;

namespace Pewter.Machines.Tests.Nodes;

public sealed class SpliceTests
{
    [Fact]
    public async Task From_cell_to_cell_and_host_the_bytes_pass_no_daemon_which_may_end()
    {
        await using var house = await RealHouse.StartAsync(hasHost: true);
        await house.Daemon.As(NodeHouse.Ann).CommandAsync("/node/ctl", ["alloc"]);
        await house.Admin.CommandAsync("/node/ctl", ["alloc"]);
        foreach (var (source, target) in (IEnumerable<(string, string)>)[("n2", "n3"), ("n3", "n2"), ("n2", "host"), ("host", "n3")])
        {
            var from = await StartAsync(house, source, "head -c 30000000 /dev/zero");
            var to = await StartAsync(house, target, "wc -c");
            await house.Admin.CommandAsync($"/node/{target}/ctl", ["splice", to, source, from]);
            Assert.Equal("30000000\n", await house.Admin.ReadTextAsync($"/node/{target}/proc/{to}/stdout"));
            Assert.Contains("\"bytes\":30000000", await house.Admin.ReadTextAsync($"/node/{target}/proc/{to}/json"));
        }

        var yes = await StartAsync(house, "n2", "while [ ! -e /tmp/go ]; do sleep 0.02; done; head -c 30000000 /dev/zero");
        var count = await StartAsync(house, "n3", "wc -c");
        await house.Admin.CommandAsync("/node/n3/ctl", ["splice", count, "n2", yes]);
        await house.Daemon.KillAsync();
        await house.RestartAsync(hasHost: true);
        await house.RunAsync("n2", "touch /tmp/go");
        Assert.Equal("30000000\n", await house.Admin.ReadTextAsync($"/node/n3/proc/{count}/stdout"));
        await house.Admin.CommandAsync("/node/query/kind=cell/ctl", ["release"]);
    }

    [Fact]
    public async Task A_node_that_dies_is_an_error_at_the_other_end()
    {
        await using var house = await RealHouse.StartAsync();
        await house.Admin.CommandAsync("/node/ctl", ["alloc", "n=2"]);
        var from = await StartAsync(house, "n1", "exec yes");
        var to = await StartAsync(house, "n2", "cat > /dev/null");
        await house.Admin.CommandAsync("/node/n2/ctl", ["splice", to, "n1", from]);
        await Until.TrueAsync(
            () => house.Admin.ReadTextAsync($"/node/n2/proc/{to}/status").AsTask().Result.Contains("spliced_in="), "bytes flow");
        await house.Admin.CommandAsync("/node/n1/ctl", ["release"]);
        await Until.TrueAsync(
            () => house.Admin.ReadTextAsync($"/node/n2/proc/{to}/json").AsTask().Result.Contains("\"state\":\"broken\""), "the target knows");
        await house.Admin.CommandAsync("/node/n2/ctl", ["release"]);
        Assert.Empty(await house.LeftAsync());
    }

    [Fact]
    public async Task Only_the_daemon_joins_sessions_of_nodes()
    {
        await using var house = await RealHouse.StartAsync();
        await house.Daemon.As(NodeHouse.Ann).CommandAsync("/node/ctl", ["alloc", "n=2"]);
        var refused = await Assert.ThrowsAsync<FileException>(
            async () => await house.Daemon.As(NodeHouse.Ann).CommandAsync("/node/n1/ctl", ["splice", "1", "n2", "1"]));
        Assert.Equal(Errno.EPERM, refused.Errno);
        await house.Admin.CommandAsync("/node/query/kind=cell/ctl", ["release"]);
    }

    private static async Task<string> StartAsync(RealHouse house, string node, string script)
    {
        var (id, ctl) = await house.Admin.CloneAsync($"/node/{node}/proc");
        await using (ctl)
        {
            await ctl.TryCommandAsync("type persistent");
            await ctl.TryCommandAsync("output keep");
            await ctl.TryCommandAsync(Tree.RcQuoting.Join(["exec", "/bin/sh", "-c", script]));
        }

        return id;
    }
}
