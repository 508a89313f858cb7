using Pewter.Testing;
using Pewter.Testing.Hosts;

namespace Pewter.System.Tests.Peers;

/// <summary>Three machines on two segments; the one on both passes no packets on.</summary>
internal sealed class SplicePlace(TestNetwork network, PeerHost top, PeerHost gateway, PeerHost leaf, TestLink cable) : IAsyncDisposable
{
    public PeerHost Top => top;

    public PeerHost Gateway => gateway;

    public PeerHost Leaf => leaf;

    /// <summary>The leaf's.</summary>
    public TestLink Cable => cable;

    public TemporaryDirectory Files { get; } = new();

    public static async Task<SplicePlace> UpAsync()
    {
        var network = await TestNetwork.CreateAsync();
        var (upper, lower) = (await network.AddSegmentAsync(), await network.AddSegmentAsync());
        var (topHost, gatewayHost, leafHost) = (
            await network.AddHostAsync("top"), await network.AddHostAsync("gw"), await network.AddHostAsync("leaf"));
        await network.PlugAsync(topHost, upper, "10.79.1.1/24");
        await network.PlugAsync(gatewayHost, upper, "10.79.1.2/24");
        await network.PlugAsync(gatewayHost, lower, "10.79.2.1/24");
        var cable = await network.PlugAsync(leafHost, lower, "10.79.2.2/24");
        var (top, gateway, leaf) = (new PeerHost(topHost, "10.79.1.1"), new PeerHost(gatewayHost, "10.79.2.1"), new PeerHost(leafHost, "10.79.2.2"));
        await top.UpAsync();
        await gateway.UpAsync(top);
        await leaf.UpAsync(gateway);
        await top.SeesAsync(gateway, "up");
        await top.SeesAsync(leaf, "up", at: "peer/gw/peer/status");
        return new SplicePlace(network, top, gateway, leaf, cable);
    }

    public async ValueTask DisposeAsync()
    {
        await leaf.DisposeAsync();
        await gateway.DisposeAsync();
        await top.DisposeAsync();
        await network.DisposeAsync();
        Files.Dispose();
    }
}
