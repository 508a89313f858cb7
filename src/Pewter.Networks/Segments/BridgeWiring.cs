using Pewter.Linux.Networking;
using Pewter.Networks.Ports;

namespace Pewter.Networks.Segments;

/// <summary>Segments that are a namespace with a bridge in it, where the ports are plugged in. Nothing of one reaches another.</summary>
internal sealed class BridgeWiring(SegmentPlace place) : IWiring
{
    /// <inheritdoc/>
    public Task MakeAsync(NetworkRecord network, CancellationToken cancellation)
    {
        using var stack = Segment.Open(place, network);
        if (stack.Find(SegmentPlace.Own) is null)
        {
            stack.AddBridge(SegmentPlace.Own);
        }

        Segment.Address(stack, place, network);
        Segment.Tunnel(stack, place, network);
        return Task.CompletedTask;
    }

    /// <inheritdoc/>
    public Task UnmakeAsync(NetworkRecord network, CancellationToken cancellation)
    {
        Segment.Remove(place, network);
        return Task.CompletedTask;
    }

    /// <inheritdoc/>
    public Task PlugAsync(PortRecord port, IReadOnlyList<NetworkRecord> networks, CancellationToken cancellation)
    {
        if (port.Kind == PortKinds.Wire)
        {
            return Task.CompletedTask;
        }

        var path = place.NamespacePath(networks[0]);
        using var stack = NetworkStack.Open(path);
        Segment.MakePort(stack, path, port);
        stack.SetMaster(port.Plug, SegmentPlace.Own);
        stack.SetUp(port.Plug);
        return Task.CompletedTask;
    }

    /// <inheritdoc/>
    public Task UnplugAsync(PortRecord port, NetworkRecord network, CancellationToken cancellation)
    {
        using var stack = Segment.TryOpen(place, network);
        stack?.Remove(port.Plug);
        return Task.CompletedTask;
    }

    /// <inheritdoc/>
    public Task<bool> IsWholeAsync(NetworkRecord network, IReadOnlyList<PortRecord> ports, CancellationToken cancellation)
    {
        using var stack = Segment.TryOpen(place, network);
        var bridge = stack?.Find(SegmentPlace.Own);
        return Task.FromResult(bridge is { IsUp: true }
            && (network.Vni is null || stack!.Find(SegmentPlace.Tunnel)?.Master == bridge.Index)
            && ports.All(port => port.Kind == PortKinds.Wire || stack!.Find(port.Plug)?.Master == bridge.Index));
    }

    /// <inheritdoc/>
    public string NamespacePath(PortRecord port, NetworkRecord network) => place.NamespacePath(network);
}
