using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;

namespace Pewter.Networks.Plane.Routers;

/// <summary>
/// Announces the segment's prefix (RFC 4861), at once to whoever asks and every half minute to all. It is nobody's default router: the segment ends
/// here. Without an announcement iPXE waits for sixteen seconds.
/// </summary>
internal sealed class RouterAdvertiser(Func<SegmentPlan> plan, Func<byte[]> hardware, PlaneLog log, TimeProvider time)
{
    private const byte Solicitation = 133;
    private const byte Advertisement = 134;
    private const int Ipv6Level = 41;
    private const int UnicastHops = 16;
    private const int MulticastHops = 18;
    private const int NeighbourHops = 255;
    private static readonly IPAddress AllNodes = IPAddress.Parse("ff02::1");
    private static readonly IPAddress AllRouters = IPAddress.Parse("ff02::2");
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(30);

    // Where nobody was plugged in for a while, the kernel takes up to a second to find that there is a way again.
    private static readonly TimeSpan Again = TimeSpan.FromMilliseconds(50);
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(3);

    public static Socket Open(SegmentSockets sockets, int index)
    {
        var socket = sockets.ControlMessages(Segments.SegmentPlace.Own);
        socket.SetSocketOption(SocketOptionLevel.IPv6, SocketOptionName.MulticastInterface, index);
        socket.SetSocketOption(SocketOptionLevel.IPv6, SocketOptionName.AddMembership, new IPv6MulticastOption(AllRouters, index));
        Span<byte> hops = stackalloc byte[4];
        BinaryPrimitives.WriteInt32LittleEndian(hops, NeighbourHops);
        socket.SetRawSocketOption(Ipv6Level, UnicastHops, hops);
        socket.SetRawSocketOption(Ipv6Level, MulticastHops, hops);
        return socket;
    }

    public Task RunAsync(Socket socket, int index, CancellationToken stop) => Task.WhenAll(
        DatagramLoop.RunAsync(
            socket,
            async (bytes, _) =>
            {
                if (bytes.Length > 0 && bytes.Span[0] == Solicitation)
                {
                    await SendAsync(socket, index, Patience, stop);
                }
            },
            log,
            stop),
        AnnounceAsync(socket, index, stop));

    /// <summary>The announcement; the kernel fills in the checksum.</summary>
    internal static byte[] Compose(SegmentPlan plan, ReadOnlySpan<byte> hardware)
    {
        const byte HopLimit = 64, SourceAddress = 1, Prefix = 3, MaximumUnit = 5, OnLinkAndAutonomous = 0xc0, PrefixBits = 64;
        const uint Valid = 7200, Preferred = 3600;
        var bytes = new byte[16 + 8 + 8 + 32];
        (bytes[0], bytes[4]) = (Advertisement, HopLimit);
        (bytes[16], bytes[17]) = (SourceAddress, 1);
        hardware.CopyTo(bytes.AsSpan(18));
        (bytes[24], bytes[25]) = (MaximumUnit, 1);
        BinaryPrimitives.WriteInt32BigEndian(bytes.AsSpan(28), plan.Mtu);
        (bytes[32], bytes[33], bytes[34], bytes[35]) = (Prefix, 4, PrefixBits, OnLinkAndAutonomous);
        BinaryPrimitives.WriteUInt32BigEndian(bytes.AsSpan(36), Valid);
        BinaryPrimitives.WriteUInt32BigEndian(bytes.AsSpan(40), Preferred);
        IPAddress.Parse(plan.Prefix6).GetAddressBytes().CopyTo(bytes.AsSpan(48));
        return bytes;
    }

    private async Task AnnounceAsync(Socket socket, int index, CancellationToken stop)
    {
        using var timer = new PeriodicTimer(Interval, time);
        try
        {
            do
            {
                // Where nobody is plugged in, nobody misses it.
                await SendAsync(socket, index, TimeSpan.Zero, stop);
            }
            while (await timer.WaitForNextTickAsync(stop));
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
            // The segment is served no longer.
        }
    }

    private async Task SendAsync(Socket socket, int index, TimeSpan patience, CancellationToken stop)
    {
        var began = time.GetTimestamp();
        while (true)
        {
            try
            {
                var to = new IPAddress(AllNodes.GetAddressBytes(), index);
                await socket.SendToAsync(Compose(plan(), hardware()), SocketFlags.None, new IPEndPoint(to, 0), stop);
                return;
            }
            catch (SocketException) when (time.GetElapsedTime(began) < patience)
            {
                await Task.Delay(Again, time, stop);
            }
            catch (SocketException failure)
            {
                log.Tell($"router advertisement: {failure.Message}");
                return;
            }
        }
    }
}
