using System.Net;
using System.Net.NetworkInformation;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;
using Pewter.Hosting.Logging;
using Pewter.Mail;

namespace Pewter.Messaging.Direct;

/// <summary>
/// Takes direct connections of other machines' hubs. Who shows no key that the tree has handed on is sent away. Owns its
/// sockets and a task for each connection.
/// </summary>
internal sealed class DirectListener(MailHub hub, DirectKey key, Log log, TimeProvider time) : IAsyncDisposable
{
    // Handshakes at once: a burst of all machines of a site, and no more memory for strangers.
    private const int HandshakesMax = 256;
    private static readonly TimeSpan HandshakeTime = TimeSpan.FromSeconds(5);

    private readonly CancellationTokenSource _stop = new();
    private readonly List<Socket> _sockets = [];
    private readonly SemaphoreSlim _handshakes = new(HandshakesMax, HandshakesMax);
    private readonly List<Task> _accepting = [];

    /// <summary>Where others reach it: as it listens, or by all of the machine's addresses.</summary>
    internal IReadOnlyList<string> Endpoints { get; private set; } = [];

    internal void Listen(IReadOnlyList<IPEndPoint> endpoints)
    {
        var reachable = new List<string>();
        foreach (var endpoint in endpoints)
        {
            try
            {
                var socket = new Socket(endpoint.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
                _sockets.Add(socket);
                socket.Bind(endpoint);
                socket.Listen();
                var port = ((IPEndPoint)socket.LocalEndPoint!).Port;
                reachable.AddRange(AddressesOf(endpoint.Address).Select(address => new IPEndPoint(address, port).ToString()));
                _accepting.Add(AcceptAsync(socket));
            }
            catch (SocketException taken)
            {
                log.Warn("no direct mail by this address", ("address", endpoint), ("error", taken.Message));
            }
        }

        Endpoints = reachable;
    }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        _sockets.ForEach(socket => socket.Dispose());
        await Task.WhenAll(_accepting);
    }

    private static IEnumerable<IPAddress> AddressesOf(IPAddress address)
    {
        const int Most = 8;
        return address.Equals(IPAddress.Any) || address.Equals(IPAddress.IPv6Any)
            ? NetworkInterface.GetAllNetworkInterfaces()
                .Where(link => link.OperationalStatus == OperationalStatus.Up)
                .SelectMany(link => link.GetIPProperties().UnicastAddresses)
                .Select(one => one.Address)
                .Where(one => one.AddressFamily == address.AddressFamily && !IPAddress.IsLoopback(one) && !one.IsIPv6LinkLocal)
                .Take(Most)
            : [address];
    }

    private async Task AcceptAsync(Socket listener)
    {
        var taken = new List<Task>();
        while (!_stop.IsCancellationRequested)
        {
            try
            {
                await _handshakes.WaitAsync(_stop.Token);
                taken.RemoveAll(task => task.IsCompleted);
                taken.Add(TakeAsync(await listener.AcceptAsync(_stop.Token)));
            }
            catch (Exception ended) when (ended is OperationCanceledException or ObjectDisposedException)
            {
                break;
            }
            catch (SocketException)
            {
                // Who came has gone again.
                _handshakes.Release();
            }
        }

        await Task.WhenAll(taken);
    }

    private async Task TakeAsync(Socket socket)
    {
        socket.NoDelay = true;
        await using var stream = new SslStream(new NetworkStream(socket, ownsSocket: true));
        try
        {
            var place = await GreetAsync(stream);
            if (place is not null)
            {
                await hub.DirectAsync(stream, place, isDialler: false, _stop.Token);
            }
        }
        catch (Exception refused) when (refused is AuthenticationException or IOException or OperationCanceledException or ObjectDisposedException)
        {
            log.Debug("a direct connection was refused", ("error", refused.Message));
        }
    }

    private async Task<MailHubPlace?> GreetAsync(SslStream stream)
    {
        try
        {
            using var patience = new CancellationTokenSource(HandshakeTime, time);
            using var either = CancellationTokenSource.CreateLinkedTokenSource(patience.Token, _stop.Token);
            await stream.AuthenticateAsServerAsync(key.Listening(shown => hub.PlaceOf(shown) is not null), either.Token);
            return stream.RemoteCertificate is { } shown ? hub.PlaceOf(DirectKey.DigestOf(shown)) : null;
        }
        finally
        {
            _handshakes.Release();
        }
    }
}
