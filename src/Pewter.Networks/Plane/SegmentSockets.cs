using System.Net;
using System.Net.Sockets;
using Microsoft.Win32.SafeHandles;
using Pewter.Linux.Namespaces;

namespace Pewter.Networks.Plane;

/// <summary>Makes sockets in a segment's namespace. What is made there stays there, and may be used from anywhere.</summary>
internal sealed class SegmentSockets(SafeFileHandle network) : IDisposable
{
    private const int SocketLevel = 1;
    private const int BindToDevice = 25;

    /// <summary>A socket for datagrams.</summary>
    /// <param name="address">Where it listens.</param>
    /// <param name="port">The port; 0: any.</param>
    /// <param name="device">The only interface that it hears and speaks on; null: all.</param>
    public Socket Datagrams(IPAddress address, int port, string? device = null)
    {
        var socket = Make(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp);
        return Bound(socket, () =>
        {
            socket.EnableBroadcast = true;
            if (device is not null)
            {
                socket.SetRawSocketOption(SocketLevel, BindToDevice, System.Text.Encoding.ASCII.GetBytes(device + "\0"));
            }

            socket.Bind(new IPEndPoint(address, port));
        });
    }

    /// <summary>A socket that streams come in by.</summary>
    public Socket Listener(IPAddress address, int port)
    {
        const int Waiting = 256;
        var socket = Make(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        return Bound(socket, () =>
        {
            socket.SetSocketOption(SocketOptionLevel.Socket, SocketOptionName.ReuseAddress, true);
            socket.Bind(new IPEndPoint(address, port));
            socket.Listen(Waiting);
        });
    }

    /// <summary>A socket for ICMPv6 of one interface.</summary>
    public Socket ControlMessages(string device)
    {
        var socket = Make(AddressFamily.InterNetworkV6, SocketType.Raw, ProtocolType.IcmpV6);
        return Bound(socket, () =>
        {
            socket.SetRawSocketOption(SocketLevel, BindToDevice, System.Text.Encoding.ASCII.GetBytes(device + "\0"));

            // Sockets that are bound to nothing refuse to receive.
            socket.Bind(new IPEndPoint(IPAddress.IPv6Any, 0));
        });
    }

    /// <inheritdoc/>
    public void Dispose() => network.Dispose();

    private Socket Make(AddressFamily family, SocketType type, ProtocolType protocol) =>
        NamespaceHandle.Run(network, () => new Socket(family, type, protocol));

    private static Socket Bound(Socket socket, Action bind)
    {
        try
        {
            bind();
            return socket;
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }
}
