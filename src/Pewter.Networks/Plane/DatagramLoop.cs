using System.Net;
using System.Net.Sockets;

namespace Pewter.Networks.Plane;

/// <summary>Receives datagrams one after another until it is cancelled. A datagram that nobody understands ends nothing.</summary>
internal static class DatagramLoop
{
    // The largest that an Ethernet carries in one piece, with room for jumbo frames.
    private const int Largest = 9216;

    /// <summary>Hands each datagram to <paramref name="handle"/>, which must not keep it.</summary>
    public static async Task RunAsync(Socket socket, Func<ReadOnlyMemory<byte>, EndPoint, ValueTask> handle, PlaneLog log, CancellationToken stop)
    {
        var buffer = new byte[Largest];
        EndPoint from = socket.AddressFamily == AddressFamily.InterNetwork ? new IPEndPoint(IPAddress.Any, 0) : new IPEndPoint(IPAddress.IPv6Any, 0);
        while (!stop.IsCancellationRequested)
        {
            try
            {
                var received = await socket.ReceiveFromAsync(buffer, SocketFlags.None, from, stop);
                await handle(buffer.AsMemory(0, received.ReceivedBytes), received.RemoteEndPoint);
            }
            catch (SocketException failure)
            {
                // An answer that could not be delivered comes back as an error of the next receive.
                log.Tell(failure.Message);
            }
            catch (OperationCanceledException) when (stop.IsCancellationRequested)
            {
                return;
            }
            catch (ObjectDisposedException) when (stop.IsCancellationRequested)
            {
                return;
            }
        }
    }
}
