using System.Net;
using System.Net.Sockets;

namespace Pewter.Bmc.Ipmi;

/// <summary>Datagrams to one controller and back. Used by one task at a time.</summary>
internal sealed class RmcpChannel : IDisposable
{
    private readonly Socket _socket;
    private readonly byte[] _buffer = new byte[2048];
    private readonly string _name;
    private readonly TimeProvider _time;

    private RmcpChannel(Socket socket, string name, TimeProvider time) => (_socket, _name, _time) = (socket, name, time);

    /// <summary>Finds the controller; nothing is sent.</summary>
    public static async ValueTask<RmcpChannel> OpenAsync(BmcAddress address, TimeProvider time, CancellationToken cancellation)
    {
        try
        {
            var found = IPAddress.TryParse(address.Host, out var ip) ? [ip] : await Dns.GetHostAddressesAsync(address.Host, cancellation);
            if (found.Length == 0)
                throw new BmcException(BmcFault.Silent, $"{address.Host} has no address.");
            var socket = new Socket(found[0].AddressFamily, SocketType.Dgram, ProtocolType.Udp);
            await socket.ConnectAsync(new IPEndPoint(found[0], address.Port), cancellation);
            return new(socket, address.ToString(), time);
        }
        catch (SocketException failure)
        {
            throw new BmcException(BmcFault.Silent, $"{address} cannot be reached: {failure.Message}.", failure);
        }
    }

    public void Dispose() => _socket.Dispose();

    public async ValueTask SendAsync(ReadOnlyMemory<byte> wire, CancellationToken cancellation)
    {
        try
        {
            await _socket.SendAsync(wire, cancellation);
        }
        catch (SocketException failure)
        {
            throw Unreachable(failure);
        }
    }

    /// <summary>The next datagram that may be believed, or null when none comes in time.</summary>
    public async ValueTask<RmcpPacket?> ReceiveAsync(IpmiKeys? keys, TimeSpan patience, CancellationToken cancellation)
    {
        using var late = new CancellationTokenSource(patience, _time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(late.Token, cancellation);
        try
        {
            while (true)
            {
                var length = await _socket.ReceiveAsync(_buffer, either.Token);
                if (RmcpPacket.Decode(_buffer.AsSpan(0, length), keys) is { } packet)
                    return packet;
            }
        }
        catch (OperationCanceledException) when (!cancellation.IsCancellationRequested)
        {
            return null;
        }
        catch (SocketException failure)
        {
            throw Unreachable(failure);
        }
    }

    private BmcException Unreachable(SocketException failure) =>
        new(BmcFault.Silent, $"{_name} cannot be reached: {failure.Message}. Nothing listens there, or no route leads there.", failure);
}
