using System.Net;
using System.Net.Sockets;

namespace Pewter.Mail.Tests.Oracle;

/// <summary>The cable between two guests: frames as datagrams on the loopback, which pass while it is whole.</summary>
internal sealed class GuestCable : IDisposable
{
    private readonly UdpClient _one = new(new IPEndPoint(IPAddress.Loopback, 0));
    private readonly UdpClient _other = new(new IPEndPoint(IPAddress.Loopback, 0));
    private readonly int[] _guests = [FreePort(), FreePort()];
    private readonly CancellationTokenSource _stop = new();
    private volatile bool _isCut;

    internal GuestCable() => _ = Task.WhenAll(PassAsync(_one, _other, _guests[1]), PassAsync(_other, _one, _guests[0]));

    /// <summary>QEMU's words for the card at an end, 0 or 1.</summary>
    internal IReadOnlyList<string> Card(int end)
    {
        var near = ((IPEndPoint)(end == 0 ? _one : _other).Client.LocalEndPoint!).Port;
        return
        [
            "-netdev", $"socket,id=n0,udp=127.0.0.1:{near},localaddr=127.0.0.1:{_guests[end]}",
            "-device", $"virtio-net-pci,netdev=n0,romfile=,mac=52:54:00:0a:00:0{end + 1}",
        ];
    }

    internal void Cut() => _isCut = true;

    internal void Heal() => _isCut = false;

    public void Dispose()
    {
        _stop.Cancel();
        _one.Dispose();
        _other.Dispose();
    }

    private static int FreePort()
    {
        using var free = new UdpClient(new IPEndPoint(IPAddress.Loopback, 0));
        return ((IPEndPoint)free.Client.LocalEndPoint!).Port;
    }

    private async Task PassAsync(UdpClient from, UdpClient by, int guest)
    {
        while (!_stop.IsCancellationRequested)
        {
            try
            {
                var frame = await from.ReceiveAsync(_stop.Token);
                if (!_isCut)
                    await by.SendAsync(frame.Buffer, new IPEndPoint(IPAddress.Loopback, guest), _stop.Token);
            }
            catch (SocketException)
            {
                // A guest that is not up yet, or no more, takes nothing.
            }
            catch (Exception ended) when (ended is OperationCanceledException or ObjectDisposedException)
            {
                return;
            }
        }
    }
}
