using Pewter.Testing.Hosts;

namespace Pewter.Networks.Tests;

/// <summary>One segment on several machines, which are network namespaces with a daemon each.</summary>
public sealed class TunnelTests
{
    [Fact]
    public async Task A_segment_reaches_over_to_another_machine_and_another_identifier_does_not()
    {
        await using var wires = await TestNetwork.CreateAsync();
        var segment = await wires.AddSegmentAsync();
        var (west, east) = (await wires.AddHostAsync("w"), await wires.AddHostAsync("e"));
        await wires.PlugAsync(west, segment, "192.168.240.1/24");
        await wires.PlugAsync(east, segment, "192.168.240.2/24");
        await using var here = await StartAsync(west);
        await using var there = await StartAsync(east);
        await here.CreateAsync(
            "name=lab", "cidr=10.42.0.0/24", "range=10.42.0.1-10.42.0.99", "vni=42", "local=192.168.240.1", "remote=192.168.240.2");
        await there.CreateAsync(
            "name=lab", "cidr=10.42.0.0/24", "range=10.42.0.100-10.42.0.150", "vni=42", "local=192.168.240.2", "remote=192.168.240.1");
        await there.CreateAsync("name=other", "cidr=10.43.0.0/24", "vni=43", "local=192.168.240.2", "remote=192.168.240.1");
        var (one, two) = (await here.ConnectAsync("lab", "n1", "kind=veth"), await there.ConnectAsync("lab", "n1", "kind=veth"));
        var three = await there.ConnectAsync("other", "n2", "kind=veth");
        Assert.Equal("10.42.0.2/24", one.GetProperty("address").GetString());
        Assert.Equal("10.42.0.101/24", two.GetProperty("address").GetString());
        Assert.Equal(1450, one.GetProperty("mtu").GetInt32());
        await using var first = await Machine.PlugAsync(one);
        await using var second = await Machine.PlugAsync(two);
        await using var third = await Machine.PlugAsync(three);
        await first.AddressAsync(one);
        await second.AddressAsync(two);
        await third.RunAsync("ip addr add 10.42.0.77/24 dev eth0");
        Assert.True(await first.ReachesAsync("10.42.0.101"), "a member on the other machine");
        Assert.True(await second.ReachesAsync("10.42.0.1"), "the first machine's own address");
        Assert.False(await first.ReachesAsync("10.42.0.77", 3), "a member of another identifier");

        // Taken away behind its back, as a restart of the machine does; and the tunnel is there again.
        await there.KillAsync();
        await Pewter.Testing.Shell.RunAsync($"ip -n {Path.GetFileName(two.GetProperty("netns").GetString()!)} link del vx0");
        await there.RestartAsync();
        Assert.True(await first.ReachesAsync("10.42.0.101"), "after the tunnel was made again");
    }

    private static Task<NetworkHouse> StartAsync(TestHost host) =>
        NetworkHouse.StartAsync(new NetworkServiceOptions { IsServed = false, Underlay = $"/run/netns/{host.Namespace}" });
}
