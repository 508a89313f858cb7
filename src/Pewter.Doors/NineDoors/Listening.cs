using System.Net;
using System.Net.Sockets;

namespace Pewter.Doors.NineDoors;

/// <summary>Opens the sockets that doors listen on.</summary>
internal static class Listening
{
    private const int NoSuchDevice = 6;

    /// <summary>Binds and listens. An <see cref="IOException"/> says in a sentence what stands in the way.</summary>
    public static Socket Open(DoorEndpoint endpoint, int backlog) => endpoint switch
    {
        UnixEndpoint unix => OpenUnix(unix, backlog),
        TlsEndpoint tls => OpenTcp(tls.Address, backlog),
        LoopbackEndpoint loopback when IPAddress.IsLoopback(loopback.Address.Address) => OpenTcp(loopback.Address, backlog),
        LoopbackEndpoint loopback =>
            throw new IOException($"{loopback.Address} is open to a network: use TLS there, plain TCP is for loopback addresses."),
        _ => throw new ArgumentException($"No door listens on {endpoint}.", nameof(endpoint)),
    };

    /// <summary>Removes the file of a socket whose server is gone; one that answers is in use.</summary>
    public static void ClearStale(string path)
    {
        if (!File.Exists(path))
            return;
        if (!IsSocket(path))
            throw new IOException($"{path} is there and is no socket.");
        using var probe = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        try
        {
            probe.Connect(new UnixDomainSocketEndPoint(path));
        }
        catch (SocketException failure) when (failure.SocketErrorCode == SocketError.ConnectionRefused)
        {
            File.Delete(path);
            return;
        }
        catch (SocketException failure)
        {
            throw new IOException($"{path} is there and cannot be replaced: {failure.Message}", failure);
        }

        throw new IOException($"{path} is in use: another daemon listens there.");
    }

    // connect(2) refuses a plain file like a socket without a server; open(2) refuses only the socket, with ENXIO.
    private static bool IsSocket(string path)
    {
        try
        {
            using var file = File.OpenHandle(path, share: FileShare.ReadWrite | FileShare.Delete);
            return false;
        }
        catch (IOException failure)
        {
            return failure.HResult == NoSuchDevice;
        }
    }

    private static Socket OpenUnix(UnixEndpoint endpoint, int backlog)
    {
        ClearStale(endpoint.Path);
        var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        try
        {
            socket.Bind(new UnixDomainSocketEndPoint(endpoint.Path));
            if (!OperatingSystem.IsWindows())
                File.SetUnixFileMode(endpoint.Path, endpoint.Mode);
            socket.Listen(backlog);
            return socket;
        }
        catch (SocketException failure)
        {
            socket.Dispose();
            throw new IOException($"Cannot listen on {endpoint.Path}: {failure.Message}", failure);
        }
    }

    private static Socket OpenTcp(IPEndPoint address, int backlog)
    {
        var socket = new Socket(address.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
        try
        {
            socket.SetSocketOption(SocketOptionLevel.Socket, SocketOptionName.ReuseAddress, true);
            socket.Bind(address);
            socket.Listen(backlog);
            return socket;
        }
        catch (SocketException failure)
        {
            socket.Dispose();
            throw new IOException($"Cannot listen on {address}: {failure.Message}", failure);
        }
    }
}
