using Pewter.NineP;
using Pewter.Testing;

namespace Pewter.Networks.Tests;

/// <summary>Networks as a person uses them, with real namespaces, bridges and traffic.</summary>
public sealed class SegmentTests
{
    [Fact]
    public async Task Members_reach_each_other_and_nothing_of_another_network()
    {
        await using var house = await NetworkHouse.StartAsync();
        await house.CreateAsync("name=lab", "cidr=10.42.0.0/24");
        await house.CreateAsync("name=other", "cidr=10.43.0.0/24");
        var ports = new[]
        {
            await house.ConnectAsync("lab", "n1.eth0", "kind=veth"), await house.ConnectAsync("lab", "n2", "kind=veth"),
            await house.ConnectAsync("other", "n3", "kind=veth"),
        };
        await using var first = await Machine.PlugAsync(ports[0]);
        await using var second = await Machine.PlugAsync(ports[1]);
        await using var third = await Machine.PlugAsync(ports[2]);
        await first.AddressAsync(ports[0]);
        await second.AddressAsync(ports[1]);

        // The third machine lies about its address: only the wire keeps it apart.
        await third.RunAsync("ip addr add 10.42.0.77/24 dev eth0");
        Assert.True(await first.ReachesAsync("10.42.0.3"), "members of one network");
        Assert.True(await first.ReachesAsync("10.42.0.1"), "the segment's own address");
        var caught = third.RunAsync("timeout 4 tcpdump -nn -i eth0 -c 1 arp 2>&1");
        Assert.False(await first.ReachesAsync("10.42.0.77", 3), "the liar");
        Assert.DoesNotContain("10.42.0.77", (await caught).Output);
    }

    [Fact]
    public async Task A_port_is_told_with_all_that_its_user_needs()
    {
        await using var house = await NetworkHouse.StartAsync();
        await house.CreateAsync("name=lab", "cidr=10.42.0.0/24");
        var port = await house.ConnectAsync("lab", "n1.eth1", "mac=02-00-00-04-00-29", "queues=2");
        Assert.Equal("a1", port.GetProperty("action").GetString());
        Assert.Equal("done", port.GetProperty("state").GetString());
        Assert.Equal("02:00:00:04:00:29", port.GetProperty("mac").GetString());
        Assert.Equal("10.42.0.2/24", port.GetProperty("address").GetString());
        Assert.Equal("10.42.0.1", port.GetProperty("gateway").GetString());
        Assert.Equal("10.42.0.1", port.GetProperty("dns").GetString());
        var look = await Shell.RunAsync(
            $"nsenter --net={port.GetProperty("netns").GetString()} ip -d link show {port.GetProperty("port").GetString()}");
        Assert.Contains("master seg0", look.Output);
        Assert.Contains("multi_queue", look.Output);
        Assert.Equal(
            "node=n1 nic=eth1 name=web-n1 mac=02:00:00:04:00:29 address=10.42.0.2 channel=vlan/native kind=tap port=p1\n",
            await house.Admin.ReadTextAsync("/net/lab/members"));
        Assert.Contains("/net/action/a1 state=done", await house.Admin.ReadTextAsync("/net/action/a1/wait"));

        // The same again is the same; another card is another address.
        Assert.Equal("10.42.0.2/24", (await house.ConnectAsync("lab", "n1.eth1", "queues=2")).GetProperty("address").GetString());
        Assert.Equal("10.42.0.3/24", (await house.ConnectAsync("lab", "n1.eth0")).GetProperty("address").GetString());
        await house.Admin.CommandAsync("/net/lab/ctl", ["disconnect", "n1.eth1"]);
        Assert.Equal("done", (await house.Admin.CommandAsync("/net/lab/ctl", ["disconnect", "n1.eth1"]))[0].Text("state"));
        Assert.Equal("10.42.0.2/24", (await house.ConnectAsync("lab", "n2.eth0")).GetProperty("address").GetString());
    }

    [Fact]
    public async Task A_card_that_is_plugged_in_elsewhere_has_a_place_and_nothing_is_made()
    {
        await using var house = await NetworkHouse.StartAsync();
        await house.CreateAsync("name=lab", "cidr=10.42.0.0/24");
        var port = await house.ConnectAsync("lab", "n1.eth0", "kind=wire", "mac=52:54:00:12:34:56");
        Assert.Equal("10.42.0.2/24", port.GetProperty("address").GetString());
        Assert.Contains("mac=52:54:00:12:34:56 address=10.42.0.2", await house.Admin.ReadTextAsync("/net/lab/members"));
        var links = await Shell.RunAsync($"nsenter --net={port.GetProperty("netns").GetString()} ip -o link");
        Assert.Equal(2, links.Output.Split('\n', StringSplitOptions.RemoveEmptyEntries).Length);
        await house.KillAsync();
        await house.RestartAsync();
        Assert.Contains("state=ready", await house.StatusAsync("lab"));
        await house.Admin.CommandAsync("/net/lab/ctl", ["disconnect", "n1.eth0"]);
        await house.Admin.CommandAsync("/net/lab/ctl", ["rm"]);
    }

    [Theory]
    [InlineData("/net/ctl", "create cidr=10.42.0.0", "cidr is a range such as")]
    [InlineData("/net/ctl", "create cidr=10.42.0.1/24", "cidr is a range such as")]
    [InlineData("/net/ctl", "create cidr=10.40.0.0/14", "10.40.0.0/14 overlaps lab (10.42.0.0/30)")]
    [InlineData("/net/ctl", "create name=lab", "/net/lab is the name of net1 already.")]
    [InlineData("/net/ctl", "create name=ctl", "cannot be a name")]
    [InlineData("/net/ctl", "create vlan=7", "a VLAN is one of a switch")]
    [InlineData("/net/ctl", "create vni=7", "vni= needs local=")]
    [InlineData("/net/ctl", "create switch=nowhere", "There is no switch 'nowhere'.")]
    [InlineData("/net/ctl", "create range=10.1.1.1-10.1.1.9", "is not inside of")]
    [InlineData("/net/ctl", "create gateway=10.1.1.1", "gateway is an address inside of")]
    [InlineData("/net/lab/ctl", "connect n9.eth0", "There is no node 'n9' that you may use")]
    [InlineData("/net/lab/ctl", "connect n1.Eth", "a card is NODE.NIC such as n12.eth0")]
    [InlineData("/net/lab/ctl", "connect n1.eth0 mac=01:00:00:00:00:01", "mac is the hardware address of one card")]
    [InlineData("/net/lab/ctl", "connect n1.eth0 queues=9", "queues is a number from 1 to 8")]
    [InlineData("/net/lab/ctl", "connect n1.eth0 kind=wires", "kind must be one of tap, veth, wire")]
    [InlineData("/net/lab/ctl", "connect n1.eth0 channel=vlan/7", "'vlan/7' is no channel of lab, only vlan/native")]
    [InlineData("/net/lab/ctl", "connect n1.eth0", "lab has no free address")]
    [InlineData("/net/lab/ctl", "connect n2.eth0 channel=vlan/native kind=veth", "n2.eth0 is connected as a tap")]
    [InlineData("/net/lab/ctl", "connect n7.eth0", "n7 belongs to the project lab and lab to root")]
    [InlineData("/net/lab/ctl", "rm", "lab is in use by n2.eth0: disconnect them, or release the nodes.")]
    [InlineData("/net/lab/ctl", "disconnect n9.eth0", "There is no node 'n9'")]
    public async Task What_cannot_be_is_refused_with_a_sentence(string path, string line, string sentence)
    {
        await using var house = await NetworkHouse.StartAsync();
        await house.CreateAsync("name=lab", "cidr=10.42.0.0/30");
        await house.ConnectAsync("lab", "n2.eth0", "address=10.42.0.2");
        var before = await house.Admin.ReadTextAsync("/net/json");
        var reply = (await house.Admin.TryCommandAsync(path, line.Split(' ')))[0];
        Assert.False(reply.IsOk);
        Assert.Contains(sentence, reply.Error);
        Assert.Equal(before, await house.Admin.ReadTextAsync("/net/json"));
        Assert.Single(await house.LeftAsync());
    }

    [Fact]
    public async Task A_network_that_is_removed_leaves_nothing()
    {
        await using var house = await NetworkHouse.StartAsync();
        await house.CreateAsync("name=lab");
        await house.ConnectAsync("lab", "n1.eth0");
        await house.Admin.CommandAsync("/net/lab/ctl", ["disconnect", "n1.eth0"]);
        var left = await house.LeftAsync();
        Assert.Single(left);
        await house.Admin.CommandAsync("/net/lab/ctl", ["rm"]);
        Assert.Empty(await house.Ledger.ListAsync(default));
        Assert.False(File.Exists($"/run/netns/{left[0].Name}"));
        Assert.Equal("", await house.Admin.ReadTextAsync("/net/status"));
    }

    [Fact]
    public async Task A_user_neither_sees_nor_touches_a_network_of_another_project()
    {
        await using var house = await NetworkHouse.StartAsync();
        var (ann, ben) = (house.As(NetworkHouse.Ann), house.As(NetworkHouse.Ben));
        await ann.CommandAsync("/net/ctl", ["create", "name=lab", "cidr=10.42.0.0/24"]);
        Assert.Equal("", await ben.ReadTextAsync("/net/status"));
        Assert.Equal("[\n]", (await ben.ReadTextAsync("/net/json")).Trim());
        foreach (var path in (string[])["/net/net1/status", "/net/lab/ctl", "/net/net1/members", "/net/net1/leases"])
            Assert.Equal(Errno.EACCES, (await Assert.ThrowsAsync<FileException>(async () => await ben.ReadTextAsync(path))).Errno);
        var refused = await Assert.ThrowsAsync<FileException>(async () => await ben.CommandAsync("/net/net1/ctl", ["rm"]));
        Assert.Equal(Errno.EACCES, refused.Errno);

        // The same range is no secret of the other project.
        await ben.CommandAsync("/net/ctl", ["create", "cidr=10.42.0.0/24"]);

        // A node of another project only after it was granted, and revoking is refused while it is connected.
        Assert.Contains("must agree", (await ann.TryCommandAsync("/net/lab/ctl", ["connect", "n8"]))[0].Error);
        await ann.CommandAsync("/net/lab/ctl", ["connect", "n7"]);
        await ann.CommandAsync("/net/lab/ctl", ["grant", "else"]);
        await ann.CommandAsync("/net/lab/ctl", ["connect", "n8"]);
        Assert.Contains("n8.eth0 of else is connected", (await ann.TryCommandAsync("/net/lab/ctl", ["revoke", "else"]))[0].Error);
        Assert.False((await ann.TryCommandAsync("/net/ctl", ["create", "vni=7", "local=10.0.0.1"]))[0].IsOk);
    }
}
