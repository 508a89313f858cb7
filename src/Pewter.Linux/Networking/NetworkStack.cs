using System.Buffers.Binary;
using System.Globalization;
using System.Net;
using System.Net.NetworkInformation;
using System.Net.Sockets;
using Microsoft.Win32.SafeHandles;
using Pewter.Linux.Namespaces;

namespace Pewter.Linux.Networking;

/// <summary>
/// The interfaces, addresses and neighbours of one network namespace, by rtnetlink(7). Makes and removes what it is told; an interface that is not
/// there is removed without a complaint. One call at a time; the calls take microseconds.
/// </summary>
public sealed class NetworkStack : IDisposable
{
    private const ushort NewLink = 16;
    private const ushort DeleteLink = 17;
    private const ushort GetLink = 18;
    private const ushort NewAddress = 20;
    private const ushort NewRoute = 24;
    private const ushort NewNeighbour = 28;

    private const ushort LinkAddress = 1;
    private const ushort LinkName = 3;
    private const ushort LinkMaster = 10;
    private const ushort LinkDetails = 18;
    private const ushort LinkNamespace = 28;
    private const ushort DetailsKind = 1;
    private const ushort DetailsData = 2;

    private const uint Up = 1;

    private readonly Lock _lock = new();
    private readonly RouteSocket _socket;

    private NetworkStack(RouteSocket socket) => _socket = socket;

    /// <summary>Opens the namespace that is bound to a path such as <c>/run/netns/NAME</c> or <c>/proc/ID/ns/net</c>.</summary>
    /// <exception cref="LinuxException">ENOENT: there is no such namespace.</exception>
    public static NetworkStack Open(string path)
    {
        using var handle = NamespaceHandle.OpenFile(path);
        return new(NamespaceHandle.Run(handle, () => new RouteSocket()));
    }

    /// <summary>Opens the namespace that this process is in.</summary>
    public static NetworkStack OpenOwn() => new(new RouteSocket());

    /// <summary>Looks at an interface; null when there is none of this name.</summary>
    public LinkInfo? Find(string name)
    {
        lock (_lock)
        {
            var request = new RouteRequest(GetLink, RouteRequest.Plain, Link(0, 0, 0)).Text(LinkName, name);
            var result = _socket.Send(request, out var answer);
            if (result == -LinuxErrno.ENODEV)
            {
                return null;
            }

            return result < 0 ? throw new LinuxException(-result, $"look at interface {name}") : Parse(answer.Span);
        }
    }

    /// <summary>Makes a bridge that forwards at once.</summary>
    public void AddBridge(string name) => Do(
        Make(name, "bridge", data => data
            .Number(1, 0)        // IFLA_BR_FORWARD_DELAY
            .Number(5, 0)),      // IFLA_BR_STP_STATE
        $"make bridge {name}");

    /// <summary>Makes a pair of interfaces that are the two ends of a cable, both in this namespace.</summary>
    public void AddPair(string name, string peer, PhysicalAddress? peerAddress = null) => Do(
        Make(name, "veth", data => data.Nested(1, end =>
        {
            end.Raw(Link(0, 0, 0)).Text(LinkName, peer);
            if (peerAddress is not null)
            {
                end.Attribute(LinkAddress, peerAddress.GetAddressBytes());
            }
        })),
        $"make interfaces {name} and {peer}");

    /// <summary>Makes an end of a VXLAN tunnel without remotes.</summary>
    /// <param name="name">The interface.</param>
    /// <param name="id">The network's identifier, from 1 to 16,777,215.</param>
    /// <param name="local">The address of this machine that the tunnel goes from.</param>
    /// <param name="port">The UDP port; 4789 is the registered one.</param>
    public void AddVxlan(string name, int id, IPAddress local, ushort port) => Do(
        Make(name, "vxlan", data =>
        {
            const ushort Identifier = 1, Local = 4, Port = 15, Learning = 7;
            data.Number(Identifier, id).Attribute(Local, local.GetAddressBytes()).Port(Port, port).Attribute(Learning, [1]);
        }),
        $"make tunnel {name}");

    /// <summary>Adds a machine to those that a VXLAN tunnel floods to.</summary>
    public void AddTunnelRemote(string name, IPAddress remote) => Do(
        new RouteRequest(NewNeighbour, RouteRequest.Append, Flood(name)).Attribute(2, new byte[6]).Attribute(1, remote.GetAddressBytes()),
        $"let {name} reach {remote}", LinuxErrno.EEXIST);

    /// <summary>Removes an interface and the other end of its cable; nothing happens when it is not there.</summary>
    public void Remove(string name) => Do(
        new RouteRequest(DeleteLink, RouteRequest.Plain, Link(0, 0, 0)).Text(LinkName, name), $"remove interface {name}", LinuxErrno.ENODEV);

    /// <summary>Brings an interface up or down.</summary>
    public void SetUp(string name, bool up = true) => Do(
        new RouteRequest(NewLink, RouteRequest.Plain, Link(IndexOf(name), up ? Up : 0, Up)), $"bring interface {name} {(up ? "up" : "down")}");

    /// <summary>Makes an interface a port of a bridge; null takes it off.</summary>
    public void SetMaster(string name, string? bridge) => Do(
        new RouteRequest(NewLink, RouteRequest.Plain, Link(IndexOf(name), 0, 0)).Number(LinkMaster, bridge is null ? 0 : IndexOf(bridge)),
        $"plug interface {name} into {bridge}");

    /// <summary>Sets the hardware address.</summary>
    public void SetAddress(string name, PhysicalAddress address)
    {
        ArgumentNullException.ThrowIfNull(address);
        Do(
            new RouteRequest(NewLink, RouteRequest.Plain, Link(IndexOf(name), 0, 0)).Attribute(LinkAddress, address.GetAddressBytes()),
            $"give interface {name} the address {address}");
    }

    /// <summary>
    /// Lets an interface finish the checksums of what it sends by itself: a switch in user space passes packets on as they are.
    /// </summary>
    public void DisableChecksums(string name)
    {
        lock (_lock)
        {
            _socket.SetTransmitChecksums(name, isOn: false);
        }
    }

    /// <summary>Moves an interface to another namespace, where it has this name and is down.</summary>
    public void Move(string name, SafeFileHandle target, string newName) => Do(
        new RouteRequest(NewLink, RouteRequest.Plain, Link(IndexOf(name), 0, Up)).Text(LinkName, newName).Number(LinkNamespace, target.Number()),
        $"move interface {name}");

    /// <summary>Gives an interface an address that may be used at once.</summary>
    public void AddAddress(string name, IPAddress address, int prefix)
    {
        ArgumentNullException.ThrowIfNull(address);
        const byte Permanent = 0x80, NoDetection = 0x02;
        const ushort Address = 1, Local = 2;
        var bytes = address.GetAddressBytes();
        Span<byte> head = stackalloc byte[8];
        head.Clear();
        head[0] = Family(address);
        head[1] = (byte)prefix;
        head[2] = bytes.Length == 4 ? Permanent : (byte)(Permanent | NoDetection);
        BinaryPrimitives.WriteInt32LittleEndian(head[4..], IndexOf(name));
        Do(
            new RouteRequest(NewAddress, RouteRequest.Replace, head).Attribute(Local, bytes).Attribute(Address, bytes),
            string.Create(CultureInfo.InvariantCulture, $"give interface {name} the address {address}/{prefix}"));
    }

    /// <summary>Sends what goes elsewhere to a gateway.</summary>
    public void SetGateway(IPAddress gateway)
    {
        const byte MainTable = 254, Static = 4, Unicast = 1;
        const ushort Gateway = 5;
        Do(
            new RouteRequest(NewRoute, RouteRequest.Replace, [Family(gateway), 0, 0, 0, MainTable, Static, 0, Unicast, 0, 0, 0, 0])
                .Attribute(Gateway, gateway.GetAddressBytes()),
            $"route by {gateway}");
    }

    /// <summary>Makes known which hardware has an address, so that a datagram to a host that cannot answer yet needs no question.</summary>
    public void SetNeighbour(string name, IPAddress address, PhysicalAddress hardware)
    {
        ArgumentNullException.ThrowIfNull(hardware);
        const ushort Stale = 4;
        Span<byte> head = stackalloc byte[12];
        head.Clear();
        head[0] = Family(address);
        BinaryPrimitives.WriteInt32LittleEndian(head[4..], IndexOf(name));
        BinaryPrimitives.WriteUInt16LittleEndian(head[8..], Stale);
        Do(
            new RouteRequest(NewNeighbour, RouteRequest.Replace, head).Attribute(1, address.GetAddressBytes())
                .Attribute(2, hardware.GetAddressBytes()),
            $"note that {address} is {hardware}");
    }

    /// <inheritdoc/>
    public void Dispose() => _socket.Dispose();

    private static RouteRequest Make(string name, string kind, Action<RouteRequest> data) =>
        new RouteRequest(NewLink, RouteRequest.Create, Link(0, 0, 0))
            .Text(LinkName, name)
            .Nested(LinkDetails, details => details.Text(DetailsKind, kind).Nested(DetailsData, data));

    // struct ifinfomsg: family, pad, type, index, flags, which flags change.
    private static byte[] Link(int index, uint flags, uint change)
    {
        var bytes = new byte[16];
        BinaryPrimitives.WriteInt32LittleEndian(bytes.AsSpan(4), index);
        BinaryPrimitives.WriteUInt32LittleEndian(bytes.AsSpan(8), flags);
        BinaryPrimitives.WriteUInt32LittleEndian(bytes.AsSpan(12), change);
        return bytes;
    }

    private static byte Family(IPAddress address) => address.AddressFamily == AddressFamily.InterNetwork ? (byte)2 : (byte)10;

    private static LinkInfo Parse(ReadOnlySpan<byte> message)
    {
        var (index, flags, master) = (
            BinaryPrimitives.ReadInt32LittleEndian(message[4..]), BinaryPrimitives.ReadUInt32LittleEndian(message[8..]), 0);
        var hardware = PhysicalAddress.None;
        for (var at = 16; at + 4 <= message.Length;)
        {
            var length = BinaryPrimitives.ReadUInt16LittleEndian(message[at..]);
            switch (BinaryPrimitives.ReadUInt16LittleEndian(message[(at + 2)..]))
            {
                case LinkMaster:
                    master = BinaryPrimitives.ReadInt32LittleEndian(message[(at + 4)..]);
                    break;
                case LinkAddress:
                    hardware = new PhysicalAddress(message[(at + 4)..(at + length)].ToArray());
                    break;
            }

            at += Math.Max(4, (length + 3) & ~3);
        }

        return new LinkInfo(index, (flags & Up) != 0, master, hardware);
    }

    // struct ndmsg of the forwarding table of a tunnel: an entry of its own, permanent, for the address of all zeros.
    private byte[] Flood(string name)
    {
        const byte BridgeFamily = 7, Self = 2, PermanentLow = 0x80;
        var head = new byte[12];
        head[0] = BridgeFamily;
        BinaryPrimitives.WriteInt32LittleEndian(head.AsSpan(4), IndexOf(name));
        head[8] = PermanentLow;
        head[10] = Self;
        return head;
    }

    private int IndexOf(string name) => Find(name)?.Index ?? throw new LinuxException(LinuxErrno.ENODEV, $"find interface {name}");

    private void Do(RouteRequest request, string attempt, int tolerated = 0)
    {
        lock (_lock)
        {
            var result = _socket.Send(request);
            if (result < 0 && result != -tolerated)
            {
                throw new LinuxException(-result, attempt);
            }
        }
    }
}
