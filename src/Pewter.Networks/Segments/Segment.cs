using System.Net;
using System.Net.NetworkInformation;
using Pewter.Linux;
using Pewter.Linux.Namespaces;
using Pewter.Linux.Networking;
using Pewter.Networks.Addresses;

namespace Pewter.Networks.Segments;

/// <summary>
/// What every segment has, whatever its ports are plugged into: a namespace, and in it an interface with the segment's
/// own addresses.
/// </summary>
internal static class Segment
{
    private static readonly IPAddress LinkLocal = IPAddress.Parse("fe80::1");

    /// <summary>Makes the namespace if it is missing, and opens it.</summary>
    public static NetworkStack Open(SegmentPlace place, NetworkRecord network)
    {
        var name = place.Namespace(network);
        if (!NamedNetwork.Exists(name))
        {
            NamedNetwork.Create(name);
        }

        return NetworkStack.Open(NamedNetwork.PathOf(name));
    }

    /// <summary>Gives the segment's interface its addresses and brings it up.</summary>
    public static void Address(NetworkStack stack, SegmentPlace place, NetworkRecord network)
    {
        var subnet = network.Subnet;
        stack.SetAddress(SegmentPlace.Own, OwnHardware(place, network));
        stack.AddAddress(SegmentPlace.Own, Subnet.Address(Subnet.ParseAddress(network.Gateway)), subnet.Prefix);
        stack.AddAddress(SegmentPlace.Own, LinkLocal, 64);
        stack.AddAddress(SegmentPlace.Own, IPAddress.Parse(network.Prefix6 + "1"), 64);
        stack.SetUp(SegmentPlace.Own);
    }

    /// <summary>Makes the tunnel to the segment's other machines, or what is missing of it.</summary>
    public static void Tunnel(NetworkStack stack, SegmentPlace place, NetworkRecord network)
    {
        if (network.Vni is not { } id)
        {
            return;
        }

        if (stack.Find(SegmentPlace.Tunnel) is null)
        {
            const ushort RegisteredPort = 4789;
            using var underlay = place.Underlay is { } path ? NetworkStack.Open(path) : NetworkStack.OpenOwn();
            var name = place.TunnelName(network);
            underlay.Remove(name);
            underlay.AddVxlan(name, id, IPAddress.Parse(network.Local!), RegisteredPort);
            using var target = NamespaceHandle.OpenFile(place.NamespacePath(network));
            underlay.Move(name, target, SegmentPlace.Tunnel);
        }

        foreach (var remote in network.Remotes)
        {
            stack.AddTunnelRemote(SegmentPlace.Tunnel, IPAddress.Parse(remote));
        }

        stack.SetMaster(SegmentPlace.Tunnel, SegmentPlace.Own);
        stack.SetUp(SegmentPlace.Tunnel);
    }

    /// <summary>Makes the interfaces of a port that are missing, in this namespace.</summary>
    public static void MakePort(NetworkStack stack, string path, Ports.PortRecord port)
    {
        if (stack.Find(port.Plug) is not null)
        {
            return;
        }

        switch (port.Kind)
        {
            case Ports.PortKinds.Tap:
                TapDevice.Create(path, port.Plug, port.Queues);
                break;
            default:
                stack.AddPair(port.Plug, port.Interface, Hardware.Parse(port.Mac));
                break;
        }
    }

    /// <summary>Takes the namespace away, and with it all that is in it.</summary>
    public static void Remove(SegmentPlace place, NetworkRecord network)
    {
        if (network.Vni is not null)
        {
            using var underlay = place.Underlay is { } path ? NetworkStack.Open(path) : NetworkStack.OpenOwn();
            underlay.Remove(place.TunnelName(network));
        }

        NamedNetwork.Remove(place.Namespace(network));
    }

    /// <summary>Opens the segment's namespace; null when it is gone.</summary>
    public static NetworkStack? TryOpen(SegmentPlace place, NetworkRecord network)
    {
        try
        {
            return NamedNetwork.Exists(place.Namespace(network)) ? NetworkStack.Open(place.NamespacePath(network)) : null;
        }
        catch (LinuxException gone) when (gone.Errno == LinuxErrno.ENOENT)
        {
            return null;
        }
    }

    // Of all ports' addresses the low numbers are used last; a bridge would otherwise take the address of whoever is plugged in.
    private static PhysicalAddress OwnHardware(SegmentPlace place, NetworkRecord network) =>
        Hardware.Parse(Hardware.For(place.Machine, 0xff_0000 + network.Number).Replace("02:", "06:", StringComparison.Ordinal));
}
