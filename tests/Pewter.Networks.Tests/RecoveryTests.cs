using Pewter.Testing;

namespace Pewter.Networks.Tests;

/// <summary>Daemons that are killed, and what is found again.</summary>
public sealed class RecoveryTests
{
    [Fact]
    public async Task A_killed_daemon_finds_its_networks_and_traffic_never_stops()
    {
        await using var house = await NetworkHouse.StartAsync();
        await house.CreateAsync("name=lab", "cidr=10.42.0.0/24");
        var (one, two) = (await house.ConnectAsync("lab", "n1", "kind=veth"), await house.ConnectAsync("lab", "n2", "kind=veth"));
        await using var first = await Machine.PlugAsync(one);
        await using var second = await Machine.PlugAsync(two);
        await first.AddressAsync(one);
        await second.AddressAsync(two);
        Assert.True(await first.ReachesAsync("10.42.0.3"));
        var before = await house.Admin.ReadTextAsync("/net/json");
        await house.KillAsync();
        Assert.True(await first.ReachesAsync("10.42.0.3"));

        await house.RestartAsync();
        Assert.Equal(before, await house.Admin.ReadTextAsync("/net/json"));
        Assert.True(await first.ReachesAsync("10.42.0.3"));
        Assert.Equal("10.42.0.4/24", (await house.ConnectAsync("lab", "n3")).GetProperty("address").GetString());
    }

    [Fact]
    public async Task What_was_taken_away_behind_its_back_is_applied_again()
    {
        await using var house = await NetworkHouse.StartAsync();
        await house.CreateAsync("name=lab", "cidr=10.42.0.0/24");
        var port = await house.ConnectAsync("lab", "n1");
        var network = Path.GetFileName(port.GetProperty("netns").GetString()!);
        await Shell.RunAsync($"ip -n {network} link del p1");
        await Until.TrueAsync(() => Shell.RunAsync($"ip -n {network} link show p1").Result.Output.Contains("master seg0"), "the tap is back");

        // As after a restart of the machine: nothing is left of it but the journal.
        await house.KillAsync();
        await Shell.RunAsync($"ip netns del {network}");
        await house.RestartAsync();
        Assert.Contains("state=ready", await house.StatusAsync("lab"));
        Assert.Contains("master seg0", (await Shell.RunAsync($"ip -n {network} link show p1")).Output);
        Assert.Contains("10.42.0.1/24", (await Shell.RunAsync($"ip -n {network} addr show seg0")).Output);
    }

    [Fact]
    public async Task A_port_of_a_node_that_is_gone_is_taken_away()
    {
        await using var house = await NetworkHouse.StartAsync();
        await house.CreateAsync("name=lab", "cidr=10.42.0.0/24");
        await house.ConnectAsync("lab", "n1");
        house.Nodes.Remove("n1");
        await Until.TrueAsync(() => house.Admin.ReadTextAsync("/net/lab/members").AsTask().Result.Length == 0, "the port is gone");
        await house.Admin.CommandAsync("/net/lab/ctl", ["rm"]);
    }
}
