using System.Net;
using System.Net.Sockets;
using Pewter.Linux;
using Pewter.Linux.Networking;
using Pewter.Networks.Addresses;
using Pewter.Networks.Segments;

namespace Pewter.Networks.Plane.Dhcp;

/// <summary>Answers DHCPv4 on a segment. One task; the plan may be another from message to message.</summary>
internal sealed class DhcpServer(Func<SegmentPlan> plan, LeaseBook book, PlaneLog log, TimeProvider time)
{
    private const int ServerPort = 67;
    private const int ClientPort = 68;

    public static Socket Open(SegmentSockets sockets) => sockets.Datagrams(IPAddress.Any, ServerPort, SegmentPlace.Own);

    public Task RunAsync(Socket socket, NetworkStack stack, CancellationToken stop) => DatagramLoop.RunAsync(
        socket,
        async (bytes, _) =>
        {
            if (DhcpMessage.Parse(bytes.Span) is not { } request)
            {
                return;
            }

            var reply = DhcpPolicy.Answer(plan(), book, request, time.GetUtcNow());
            log.Tell($"dhcp {request.Type} from {request.Mac}: "
                + $"{(reply is null ? "no answer" : $"{reply.Type} {DhcpMessage.AddressText(reply.YourAddress)} {reply.Text(DhcpOption.BootFile)}".TrimEnd())}");
            if (reply is not null)
            {
                await socket.SendToAsync(reply.ToBytes(), SocketFlags.None, Destination(request, reply, stack), stop);
            }
        },
        log,
        stop);

    // RFC 2131, 4.1. A client that has no address yet cannot be asked for its hardware; it is made known to the kernel first.
    private IPEndPoint Destination(DhcpMessage request, DhcpMessage reply, NetworkStack stack)
    {
        if (request.Relay != 0)
        {
            return new IPEndPoint(Subnet.Address(request.Relay), ServerPort);
        }

        if (reply.Type != DhcpType.Refuse && request.ClientAddress != 0)
        {
            return new IPEndPoint(Subnet.Address(request.ClientAddress), ClientPort);
        }

        if (reply.Type == DhcpType.Refuse || request.IsBroadcast || reply.YourAddress == 0)
        {
            return new IPEndPoint(IPAddress.Broadcast, ClientPort);
        }

        var address = Subnet.Address(reply.YourAddress);
        try
        {
            stack.SetNeighbour(SegmentPlace.Own, address, Addresses.Hardware.Parse(reply.Mac));
            return new IPEndPoint(address, ClientPort);
        }
        catch (LinuxException failure)
        {
            log.Tell(failure.Message);
            return new IPEndPoint(IPAddress.Broadcast, ClientPort);
        }
    }
}
