using System.Diagnostics;
using Pewter.Testing.Hosts;

namespace Pewter.System.Tests.Peers;

/// <summary>Three daemons on three hosts; the gateway alone is on both segments, so the leaf and the top never see each other.</summary>
public sealed class PeerNetworkTests
{
    private static readonly TimeSpan Promise = TimeSpan.FromSeconds(2);

    [Fact]
    public async Task Three_levels_through_a_gateway_survive_a_cut_cable_and_a_killed_daemon()
    {
        await using var network = await TestNetwork.CreateAsync();
        var (upper, lower) = (await network.AddSegmentAsync(), await network.AddSegmentAsync());
        var (topHost, gatewayHost, leafHost) = (
            await network.AddHostAsync("top"), await network.AddHostAsync("gw"), await network.AddHostAsync("leaf"));
        await network.PlugAsync(topHost, upper, "10.77.1.1/24");
        await network.PlugAsync(gatewayHost, upper, "10.77.1.2/24");
        await network.PlugAsync(gatewayHost, lower, "10.77.2.1/24");
        var cable = await network.PlugAsync(leafHost, lower, "10.77.2.2/24");
        await using var top = new PeerHost(topHost, "10.77.1.1");
        await using var gateway = new PeerHost(gatewayHost, "10.77.2.1");
        await using var leaf = new PeerHost(leafHost, "10.77.2.2");
        await top.UpAsync();
        await gateway.UpAsync(top);
        await leaf.UpAsync(gateway, ttlSeconds: 30);
        await top.SeesAsync(gateway, "up");
        await top.SeesAsync(leaf, "up", at: "peer/gw/peer/status");
        Assert.NotEqual(0, (await topHost.RunAsync("timeout 1 bash -c '</dev/tcp/10.77.2.2/564'")).ExitCode);
        Assert.Contains("/peer/gw/peer/leaf/ state=ready", await top.ReadAsync("status"), StringComparison.Ordinal);
        Assert.Contains("pewterd", await top.ReadAsync("peer/gw/peer/leaf/version"), StringComparison.Ordinal);

        await cable.CutAsync();
        await OneLineAsync(top);
        await gateway.SeesAsync(leaf, "unreachable", 3);
        await cable.HealAsync();
        await gateway.SeesAsync(leaf, "up", 15);
        Assert.Contains("/peer/gw/peer/leaf/ state=ready", await top.ReadAsync("status"), StringComparison.Ordinal);

        await leaf.KillAsync();
        await OneLineAsync(top);
        await leaf.UpAsync(gateway);
        await gateway.SeesAsync(leaf, "up", 15);
    }

    [Fact]
    public async Task A_killed_child_is_gone_after_its_time_and_returns_under_its_name()
    {
        await using var network = await TestNetwork.CreateAsync();
        var segment = await network.AddSegmentAsync();
        var (topHost, leafHost) = (await network.AddHostAsync("top"), await network.AddHostAsync("leaf"));
        await network.PlugAsync(topHost, segment, "10.77.1.1/24");
        await network.PlugAsync(leafHost, segment, "10.77.1.2/24");
        await using var top = new PeerHost(topHost, "10.77.1.1");
        await using var leaf = new PeerHost(leafHost, "10.77.1.2");
        await top.UpAsync(ttlSeconds: 2);
        await leaf.UpAsync(top);
        await top.SeesAsync(leaf, "up");
        await leaf.KillAsync();
        await top.SeesAsync(leaf, "unreachable", 2);
        await PeerHost.UntilAsync(
            async () => !(await top.ReadAsync("peer/status")).Contains("leaf", StringComparison.Ordinal), TimeSpan.FromSeconds(4),
            () => "it is gone");
        Assert.DoesNotContain("leaf", await top.ReadAsync("status"), StringComparison.Ordinal);
        await leaf.UpAsync(top);
        await top.SeesAsync(leaf, "up");
        Assert.Contains("peer.gone", top.Log, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_child_behind_address_translation_joins_by_its_certificate_until_that_is_revoked()
    {
        await using var network = await TestNetwork.CreateAsync();
        var (outside, inside) = (await network.AddSegmentAsync(), await network.AddSegmentAsync());
        var (topHost, router, leafHost) = (
            await network.AddHostAsync("top"), await network.AddHostAsync("nat"), await network.AddHostAsync("leaf"));
        await network.PlugAsync(topHost, outside, "10.77.1.1/24");
        await network.PlugAsync(router, outside, "10.77.1.254/24");
        await network.PlugAsync(router, inside, "10.77.2.254/24");
        await network.PlugAsync(leafHost, inside, "10.77.2.2/24");
        await TestNetwork.HideAsync(router, outside, leafHost, "10.77.2.254");
        await using var top = new PeerHost(topHost, "10.77.1.1");
        await using var leaf = new PeerHost(leafHost, "10.77.2.2");
        await top.UpAsync();
        await leaf.UpAsync(top, byCertificate: true);
        await top.SeesAsync(leaf, "up");
        Assert.Contains(" address=10.77.2.2:", await top.ReadAsync("peer/status"), StringComparison.Ordinal);
        var connections = (await topHost.RunAsync("ss -Htn state established")).Output;
        Assert.Contains("10.77.1.254:", connections, StringComparison.Ordinal);
        Assert.DoesNotContain("10.77.2.2:", connections, StringComparison.Ordinal);
        Assert.NotEqual(0, (await topHost.RunAsync("timeout 1 bash -c '</dev/tcp/10.77.2.2/564'")).ExitCode);
        Assert.Contains("/peer/leaf/ state=ready", await top.ReadAsync("status"), StringComparison.Ordinal);

        await top.CommandAsync("ca/ctl", $"revoke {leaf.Serial}");
        await top.SeesAsync(leaf, "unreachable", 15);
    }

    /// <summary>The leaf is one line of the top's status, and that within two seconds.</summary>
    private static async Task OneLineAsync(PeerHost top)
    {
        var began = Stopwatch.GetTimestamp();
        var status = await top.ReadAsync("status");
        Assert.InRange(Stopwatch.GetElapsedTime(began), TimeSpan.Zero, Promise);
        var line = Assert.Single(status.Split('\n'), line => line.StartsWith("/peer/gw/peer/leaf", StringComparison.Ordinal));
        Assert.Contains("state=silent", line, StringComparison.Ordinal);
    }
}
