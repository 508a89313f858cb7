using System.Globalization;
using Pewter.Linux.Namespaces;
using Pewter.Linux.Networking;
using Pewter.NineP;
using Pewter.Networks.Ports;
using Pewter.Networks.Segments;

namespace Pewter.Networks.Switches;

/// <summary>
/// Segments that are VLANs of an Open vSwitch: access for one network a card, trunks for several, 802.1ad for what members tag themselves. The
/// segment's own namespace has a cable to the switch.
/// </summary>
internal sealed class OvsWiring(OvsProcess process, SegmentPlace place) : IWiring
{
    /// <inheritdoc/>
    public async Task MakeAsync(NetworkRecord network, CancellationToken cancellation)
    {
        await process.EnsureAsync(cancellation);
        using var stack = Segment.Open(place, network);
        using var hub = NetworkStack.Open(process.NamespacePath);
        var plug = PlugOf(network);
        if (stack.Find(SegmentPlace.Own) is null || hub.Find(plug) is null)
        {
            stack.Remove(SegmentPlace.Own);
            hub.Remove(plug);
            var end = string.Create(CultureInfo.InvariantCulture, $"t{network.Number}");
            hub.AddPair(plug, end);
            hub.DisableChecksums(end);
            using var target = NamespaceHandle.OpenFile(place.NamespacePath(network));
            hub.Move(end, target, SegmentPlace.Own);
        }

        hub.SetUp(plug);
        Segment.Address(stack, place, network);
        await process.ControlAsync(
            ["--may-exist", "add-port", OvsProcess.Bridge, plug, "--", "set", "port", plug, "vlan_mode=access", Tag("tag", network.Vlan)],
                cancellation);
    }

    /// <inheritdoc/>
    public async Task UnmakeAsync(NetworkRecord network, CancellationToken cancellation)
    {
        if (process.IsAlive)
        {
            await process.ControlAsync(["--if-exists", "del-port", OvsProcess.Bridge, PlugOf(network)], cancellation);
        }

        Segment.Remove(place, network);
    }

    /// <inheritdoc/>
    public async Task PlugAsync(PortRecord port, IReadOnlyList<NetworkRecord> networks, CancellationToken cancellation)
    {
        if (port.Kind == PortKinds.Wire)
        {
            return;
        }

        using var hub = NetworkStack.Open(process.NamespacePath);
        var isNew = hub.Find(port.Plug) is null;
        if (isNew)
        {
            Segment.MakePort(hub, process.NamespacePath, port);
            if (port.Kind == PortKinds.Veth)
            {
                hub.DisableChecksums(port.Interface);
            }
        }

        hub.SetUp(port.Plug);
        try
        {
            await process.ControlAsync(
                ["--may-exist", "add-port", OvsProcess.Bridge, port.Plug, "--", "set", "port", port.Plug, .. Mode(port, networks)], cancellation);
        }
        catch (FileException) when (isNew)
        {
            hub.Remove(port.Plug);
            throw;
        }
    }

    /// <inheritdoc/>
    public async Task UnplugAsync(PortRecord port, NetworkRecord network, CancellationToken cancellation)
    {
        try
        {
            await process.ControlAsync(["--if-exists", "del-port", OvsProcess.Bridge, port.Plug], cancellation);
        }
        finally
        {
            // Without its interface a port reaches nothing, whatever the switch still thinks of it.
            if (NamedNetwork.Exists(process.Namespace))
            {
                using var hub = NetworkStack.Open(process.NamespacePath);
                hub.Remove(port.Plug);
            }
        }
    }

    /// <inheritdoc/>
    public async Task<bool> IsWholeAsync(NetworkRecord network, IReadOnlyList<PortRecord> ports, CancellationToken cancellation)
    {
        if (!process.IsAlive || !NamedNetwork.Exists(process.Namespace))
        {
            return false;
        }

        var made = ports.Where(port => port.Kind != PortKinds.Wire).ToList();
        using var stack = Segment.TryOpen(place, network);
        using var hub = NetworkStack.Open(process.NamespacePath);
        if (stack?.Find(SegmentPlace.Own) is not { IsUp: true } || hub.Find(PlugOf(network)) is null
            || made.Any(port => hub.Find(port.Plug) is null))
        {
            return false;
        }

        var known = await PortsAsync(cancellation);
        return made.Select(port => port.Plug).Append(PlugOf(network)).All(known.Contains);
    }

    /// <inheritdoc/>
    public string NamespacePath(PortRecord port, NetworkRecord network) => process.NamespacePath;

    /// <summary>The names of the switch's ports.</summary>
    public async Task<HashSet<string>> PortsAsync(CancellationToken cancellation) =>
        [.. (await process.AskAsync(["list-ports", OvsProcess.Bridge], cancellation)).Split('\n', StringSplitOptions.RemoveEmptyEntries)];

    /// <summary>Takes away ports of the switch that nobody knows: those that were forced off while it was dead.</summary>
    public async Task SweepAsync(IReadOnlySet<string> expected, CancellationToken cancellation)
    {
        foreach (var stray in (await PortsAsync(cancellation)).Where(name => !expected.Contains(name)))
        {
            await process.ControlAsync(["--if-exists", "del-port", OvsProcess.Bridge, stray], cancellation);
        }
    }

    /// <summary>The port of the switch that a network's own namespace is at.</summary>
    public static string PlugOf(NetworkRecord network) => string.Create(CultureInfo.InvariantCulture, $"g{network.Number}");

    private static IEnumerable<string> Mode(PortRecord port, IReadOnlyList<NetworkRecord> networks)
    {
        var native = networks.FirstOrDefault(network => port.In(network.Number)!.Channel == PortChannel.Native);
        var tagged = networks.Where(network => port.In(network.Number)!.Channel != PortChannel.Native).Select(network => network.Vlan).ToList();
        if (native is { IsTunnel: true })
        {
            return ["vlan_mode=dot1q-tunnel", Tag("tag", native.Vlan), "trunks=[]", "other_config:qinq-ethtype=802.1ad"];
        }

        if (tagged.Count == 0)
        {
            return ["vlan_mode=access", Tag("tag", native!.Vlan), "trunks=[]"];
        }

        var trunks = string.Join(',', tagged.Append(native?.Vlan).OfType<int>().Order());
        return native is null
            ? ["vlan_mode=trunk", "tag=[]", $"trunks={trunks}"]
            : ["vlan_mode=native-untagged", Tag("tag", native.Vlan), $"trunks={trunks}"];
    }

    private static string Tag(string key, int? vlan) => string.Create(CultureInfo.InvariantCulture, $"{key}={vlan}");
}
