using Pewter.Machines;
using Pewter.Testing;
using Pewter.Tree;

namespace Pewter.Networks.Tests;

/// <summary>Cells with real agents on real networks: the two services meet in the tree and nowhere else.</summary>
public sealed class NodesOnNetworksTests
{
    [Fact]
    public async Task Cells_are_connected_as_they_are_made_and_disconnected_as_they_go()
    {
        var agent = Find("pewter-node");
        Assert.SkipUnless(agent is not null, "skipped, because the agent is not built; 'eng/build.sh pewter-node' builds it");
        await using var house = await NetworkHouse.StartAsync(RealPlane.Options());
        house.Root.Remove("node");
        await using var nodes = new NodeService(new NodeServiceOptions { HasHost = false, AgentPath = agent });
        await nodes.StartAsync(house.Context, default);
        await house.CreateAsync("name=lab", "cidr=10.42.0.0/24");
        await house.CreateAsync("name=other", "cidr=10.43.0.0/24");
        await house.Admin.CommandAsync("/node/ctl", ["alloc", "n=2", "kind=cell", "name=web", "net=lab,other"]);
        await house.Admin.CommandAsync("/node/ctl", ["alloc", "kind=cell", "net=other"]);
        Assert.Contains("node=n2 nic=eth0 name=web-2", await house.Admin.ReadTextAsync("/net/lab/members"));
        Assert.Equal("0", await RunAsync(house, "n1", "ping -c1 -W5 web-2.lab.pewter >/dev/null; echo $?"));
        Assert.Equal("0", await RunAsync(house, "n1",
            "ping -c1 -W5 n3.other.pewter >/dev/null 2>&1 || ping -c1 -W5 $(dig +short n3.other.pewter @10.43.0.1) >/dev/null; echo $?"));
        Assert.Equal("1", await RunAsync(house, "n3", "ping -c1 -W2 10.42.0.2 >/dev/null 2>&1; [ $? != 0 ] && echo 1"));
        var blocked = (await house.Admin.TryCommandAsync("/net/lab/ctl", ["rm"]))[0];
        Assert.Contains("lab is in use by n1.eth0, n2.eth0", blocked.Error);
        Assert.Contains("no network 'nowhere'", (await house.Admin.TryCommandAsync("/node/ctl", ["alloc", "kind=cell", "net=nowhere"]))[0].Error);
        foreach (var id in (string[])["n1", "n2", "n3"])
            await house.Admin.CommandAsync($"/node/{id}/ctl", ["release"]);
        Assert.Equal("", await house.Admin.ReadTextAsync("/net/lab/members"));
        await house.Admin.CommandAsync("/net/lab/ctl", ["rm"]);
        await house.Admin.CommandAsync("/net/other/ctl", ["rm"]);
        Assert.Empty(await house.LeftAsync());
    }

    [Fact]
    public async Task A_network_whose_lease_runs_out_is_taken_away_from_its_members()
    {
        await using var house = await NetworkHouse.StartAsync(RealPlane.Options());
        await house.CreateAsync("name=short", "cidr=10.44.0.0/24", "lease=1h");
        await house.CreateAsync("name=long", "cidr=10.45.0.0/24", "lease=1m");
        await house.Admin.CommandAsync("/net/long/ctl", ["lease", "never"]);
        await house.Admin.CommandAsync("/net/short/ctl", ["grant", "lab"]);
        await house.ConnectAsync("short", "n1");
        Assert.Contains("10m or 2h", (await house.Admin.TryCommandAsync("/net/short/ctl", ["lease", "soon"]))[0].Error);
        await house.Admin.CommandAsync("/net/short/ctl", ["lease", "500ms"]);
        await Until.TrueAsync(
            async () => !(await house.Admin.ReadTextAsync("/net/json")).Contains("short", StringComparison.Ordinal), "the lease has run out");
        Assert.Contains("state=ready", await house.StatusAsync("long"));
        await house.Admin.CommandAsync("/net/long/ctl", ["rm"]);
        Assert.Empty(await house.LeftAsync());
    }

    private static async Task<string> RunAsync(NetworkHouse house, string node, string command)
    {
        var (id, ctl) = await house.Admin.CloneAsync($"/node/{node}/proc");
        await using (ctl)
        {
            await ctl.TryCommandAsync(RcQuoting.Join(["exec", "/bin/sh", "-c", command]));
            return (await house.Admin.ReadTextAsync($"/node/{node}/proc/{id}/stdout")).Trim();
        }
    }

    private static string? Find(string program)
    {
        if (Environment.GetEnvironmentVariable("PEWTER_NODE") is { } named)
            return named;
        for (var directory = new DirectoryInfo(AppContext.BaseDirectory); directory is not null; directory = directory.Parent)
        {
            var path = Path.Combine(directory.FullName, "artifacts", program, program);
            if (File.Exists(path))
                return path;
        }

        return null;
    }
}
