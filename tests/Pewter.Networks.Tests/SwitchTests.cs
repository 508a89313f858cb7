using System.Globalization;
using Pewter.Hosting.Ledger;
using Pewter.Testing;

namespace Pewter.Networks.Tests;

/// <summary>Networks that are VLANs of a real Open vSwitch.</summary>
public sealed class SwitchTests
{
    [Fact]
    public async Task Access_and_trunk_reach_their_own_networks_and_no_others()
    {
        await using var house = await StartAsync();
        await house.CreateAsync("name=red", "cidr=10.42.0.0/24", "switch=ovs0");
        await house.CreateAsync("name=blue", "cidr=10.43.0.0/24", "switch=ovs0");
        Assert.Contains("vlan=100", await house.StatusAsync("red"));
        Assert.Contains("vlan=101", await house.StatusAsync("blue"));
        var (one, two) = (await house.ConnectAsync("red", "n1", "kind=veth"), await house.ConnectAsync("red", "n2", "kind=veth"));
        var three = await house.ConnectAsync("blue", "n3", "kind=veth");
        await using var first = await Machine.PlugAsync(one);
        await using var second = await Machine.PlugAsync(two);
        await using var third = await Machine.PlugAsync(three);
        await first.AddressAsync(one);
        await second.AddressAsync(two);
        await third.RunAsync("ip addr add 10.42.0.77/24 dev eth0; ip addr add 10.43.0.2/24 dev eth0");
        Assert.True(await first.ReachesAsync("10.42.0.3"), "both on VLAN 100");
        Assert.True(await first.ReachesAsync("10.42.0.1"), "the segment's own address");
        Assert.True(await third.ReachesAsync("10.43.0.1"), "the other network works");
        Assert.False(await first.ReachesAsync("10.42.0.77", 3), "another VLAN");

        // A card in two networks: one as it is, one by its tag. The tag has to be the network's own.
        var refused = (await house.Admin.TryCommandAsync("/net/blue/ctl", ["connect", "n2", "kind=veth", "channel=vlan/7"]))[0];
        Assert.Contains("only vlan/native and vlan/101", refused.Error);
        Assert.Contains("the channel vlan/native of n2.eth0 is in use by net1",
            (await house.Admin.TryCommandAsync("/net/blue/ctl", ["connect", "n2", "kind=veth"]))[0].Error);
        await house.ConnectAsync("blue", "n2", "kind=veth", "channel=vlan/101");
        Assert.Contains("nic=n2.eth0", await house.Admin.ReadTextAsync("/net/switch/ovs0/ports"));
        await Until.TrueAsync(() => TaggedAsync(second, third, 101).Result, "a frame with the tag 101 arrives without it in VLAN 101");
        Assert.Equal("", await SeenAsync(second, third, 102, keepsTag: false));
        Assert.True(await second.ReachesAsync("10.42.0.2"), "the first network is as it was");
        await house.Admin.CommandAsync("/net/blue/ctl", ["disconnect", "n2"]);
        Assert.False(await TaggedAsync(second, third, 101), "after it was disconnected");
    }

    [Fact]
    public async Task Tags_of_members_are_carried_inside_of_a_network_and_do_not_leave_it()
    {
        await using var house = await StartAsync();
        await house.CreateAsync("name=in", "cidr=10.42.0.0/24", "switch=ovs0", "qinq=yes");
        await house.CreateAsync("name=out", "cidr=10.43.0.0/24", "switch=ovs0", "qinq=yes");
        await using var first = await Machine.PlugAsync(await house.ConnectAsync("in", "n1", "kind=veth"));
        await using var second = await Machine.PlugAsync(await house.ConnectAsync("in", "n2", "kind=veth"));
        await using var third = await Machine.PlugAsync(await house.ConnectAsync("out", "n3", "kind=veth"));
        await Until.TrueAsync(() => TaggedAsync(first, second, 7, keepsTag: true).Result, "the tag of 7 arrives within the network");
        Assert.False(await TaggedAsync(first, third, 7, keepsTag: true), "the same tag in another network");
    }

    [Fact]
    public async Task A_switch_that_hangs_is_an_error_and_one_that_died_has_its_ports_again()
    {
        await using var house = await StartAsync();
        await house.CreateAsync("name=red", "cidr=10.42.0.0/24", "switch=ovs0");
        var (one, two) = (await house.ConnectAsync("red", "n1", "kind=veth"), await house.ConnectAsync("red", "n2", "kind=veth"));
        await using var first = await Machine.PlugAsync(one);
        await using var second = await Machine.PlugAsync(two);
        await first.AddressAsync(one);
        await second.AddressAsync(two);
        Assert.True(await first.ReachesAsync("10.42.0.3"));
        var process = await ProcessAsync(house);
        await Shell.RunAsync($"kill -STOP {process}");
        var failed = (await house.Admin.TryCommandAsync("/net/red/ctl", ["connect", "n3"]))[0];
        Assert.False(failed.IsOk);
        Assert.Contains("does not answer within 5 s", failed.Error);
        Assert.DoesNotContain("n3", await house.Admin.ReadTextAsync("/net/red/members"));

        // Forced, a card comes off although the switch hangs.
        Assert.True((await house.Admin.TryCommandAsync("/net/red/ctl", ["disconnect", "n2", "force=yes"]))[0].IsOk);
        Assert.DoesNotContain("n2", await house.Admin.ReadTextAsync("/net/red/members"));
        await Shell.RunAsync($"kill -9 {process}");
        await Until.TrueAsync(
            () => ProcessAsync(house).Result != process && house.StatusAsync("red").Result.Contains("state=ready"), "another switch runs");
        var again = await house.ConnectAsync("red", "n2", "kind=veth");
        await using var third = await Machine.PlugAsync(again);
        await third.AddressAsync(again);

        // The address is another card's now.
        await first.RunAsync("ip neigh flush all");
        Assert.True(await first.ReachesAsync(again.GetProperty("address").GetString()!.Split('/')[0], 20), "the first card was applied again");
    }

    [Fact]
    public async Task A_pending_action_blocks_its_card_and_is_taken_up_again_after_a_kill()
    {
        await using var house = await StartAsync();
        await house.CreateAsync("name=red", "cidr=10.42.0.0/24", "switch=ovs0");
        var process = await ProcessAsync(house);
        await Shell.RunAsync($"kill -STOP {process}");
        var pending = await house.ConnectAsync("red", "n3", "wait=no");
        Assert.Equal("pending", pending.GetProperty("state").GetString());
        var second = (await house.Admin.TryCommandAsync("/net/red/ctl", ["connect", "n3"]))[0];
        Assert.Contains("n3.eth0 has a pending action, a1 (connect)", second.Error);
        Assert.Contains("n3.eth0 (action a1)", (await house.Admin.TryCommandAsync("/net/red/ctl", ["rm"]))[0].Error);
        await house.KillAsync();
        await Shell.RunAsync($"kill -CONT {process}");
        await house.RestartAsync();
        Assert.Contains("state=done", await house.Admin.ReadTextAsync("/net/action/a1/wait"));
        Assert.Contains($"address={pending.GetProperty("address").GetString()!.Split('/')[0]}", await house.Admin.ReadTextAsync("/net/red/members"));
    }

    [Fact]
    public async Task Vlans_run_out_and_what_is_in_use_is_not_removed()
    {
        await using var house = await StartAsync("100-101");
        await house.CreateAsync("name=a", "switch=ovs0");
        await house.CreateAsync("name=b", "switch=ovs0", "vlan=300");
        await house.CreateAsync("name=c", "switch=ovs0");
        Assert.Contains("No more networks: all 2 VLANs of ovs0", (await house.Admin.TryCommandAsync("/net/ctl", ["create", "switch=ovs0"]))[0].Error);
        Assert.Contains("VLAN 300 of ovs0 is that of b already",
            (await house.Admin.TryCommandAsync("/net/ctl", ["create", "switch=ovs0", "vlan=300"]))[0].Error);
        Assert.Contains("in use by the networks a, b, c", (await house.Admin.TryCommandAsync("/net/switch/ovs0/ctl", ["rm"]))[0].Error);
        await house.KillAsync();
        await house.RestartAsync();
        Assert.Contains("vlan=101", await house.StatusAsync("c"));
        await house.Admin.CommandAsync("/net/a/ctl", ["rm"]);
        await house.CreateAsync("name=d", "switch=ovs0");
        Assert.Contains("vlan=100", await house.StatusAsync("d"));
        foreach (var name in (string[])["b", "c", "d"])
            await house.Admin.CommandAsync($"/net/{name}/ctl", ["rm"]);
        await house.Admin.CommandAsync("/net/switch/ovs0/ctl", ["rm"]);
        Assert.Empty(await house.Ledger.ListAsync(default));
        Assert.False((await house.As(NetworkHouse.Ann).TryCommandAsync("/net/ctl", ["create", "switch=ovs0"]))[0].IsOk);
    }

    private static async Task<NetworkHouse> StartAsync(string vlans = "100-199")
    {
        Assert.SkipUnless(File.Exists("/usr/sbin/ovs-vswitchd"), "skipped, because Open vSwitch is not installed");
        var house = await NetworkHouse.StartAsync();
        await house.Admin.CommandAsync("/net/switch/ctl", ["add", "ovs0", $"vlans={vlans}"]);
        return house;
    }

    private static int _frames;

    /// <summary>Whether a broadcast with a tag from one machine is seen by another, with the tag or without it.</summary>
    private static async Task<bool> TaggedAsync(Machine from, Machine to, int vlan, bool keepsTag = false)
    {
        var seen = await SeenAsync(from, to, vlan, keepsTag);
        return seen.Length > 0 && seen.Contains("802.1Q", StringComparison.Ordinal) == keepsTag;
    }

    private static async Task<string> SeenAsync(Machine from, Machine to, int vlan, bool keepsTag)
    {
        // Each question has a sender's address of its own, so that no late frame of another is taken for an answer.
        var mark = Interlocked.Increment(ref _frames).ToString("x2", CultureInfo.InvariantCulture);
        var filter = string.Create(CultureInfo.InvariantCulture, $"ether src 02:00:00:00:99:{mark}{(keepsTag ? $" and vlan {vlan}" : "")}");
        var caught = to.RunAsync($"timeout 5 tcpdump -nn -e -l -i eth0 -c 1 '{filter}' 2>/dev/null");
        await from.RunAsync(
            $$"""
            for i in 1 2 3 4 5 6; do sleep 0.5; python3 -c '
            import socket
            s=socket.socket(socket.AF_PACKET,socket.SOCK_RAW); s.bind(("eth0",0))
            s.send(b"\xff"*6+b"\x02\0\0\0\x99\x{{mark}}"+b"\x81\0"+({{vlan}}).to_bytes(2,"big")+b"\x88\xb5"+b"pewter"*10)'
            done
            """);
        return (await caught).Output.Trim();
    }

    private static async Task<string> ProcessAsync(NetworkHouse house)
    {
        var cgroup = (await house.Ledger.ListAsync(default))
            .First(resource => resource.Kind == KernelResourceKind.Cgroup && resource.Name.Contains("-sw"));
        return (await Shell.RunAsync($"for p in $(cat /sys/fs/cgroup/*/{cgroup.Name}/cgroup.procs /sys/fs/cgroup/{cgroup.Name}/cgroup.procs "
            + $"2>/dev/null | sort -u); do grep -q vswitchd /proc/$p/comm && echo $p; done")).Output.Trim();
    }
}
