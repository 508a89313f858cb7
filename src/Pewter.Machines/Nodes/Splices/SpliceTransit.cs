using System.IO.Pipes;
using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Pewter.Linux;
using Pewter.Linux.Pipes;
using Pewter.Linux.Sockets;
using Pewter.Machines.Nodes.Agents;
using Pewter.NineP;

namespace Pewter.Machines.Nodes.Splices;

/// <summary>
/// Splices between this machine and others, over TLS straight from machine to machine. Whoever plans one asks one machine for an offer and tells
/// the other to meet it; where that one cannot be reached the two may be asked the other way round. Owns the connections; may be called from any
/// task.
/// </summary>
/// <remarks>Who comes proves itself by the token, who is met by its certificate, which is made for this one meeting: decisions/0013.</remarks>
internal sealed class SpliceTransit(TimeProvider time) : IAsyncDisposable
{
    private const int TokenBytes = 32;

    private readonly CancellationTokenSource _stop = new();
    private readonly Lock _lock = new();
    private readonly HashSet<Task> _running = [];

    /// <summary>One end of a splice here.</summary>
    /// <param name="End">The session and its agent.</param>
    /// <param name="IsSource">Whether it gives its output; otherwise its input is fed.</param>
    /// <param name="Stream">1 or 2, of a source.</param>
    /// <param name="Peer">The other end, as people are told of it.</param>
    internal readonly record struct Role(SpliceBroker.End End, bool IsSource, int Stream, string Peer);

    /// <summary>Listens for the other machine for ten seconds.</summary>
    /// <exception cref="FileException">EHOSTUNREACH: this machine has no address that another could reach.</exception>
    public SpliceOffer Offer(Role role)
    {
        var listeners = Listen();
        if (listeners.Count == 0)
        {
            throw new FileException(Errno.EHOSTUNREACH, "offer: this machine has no address that another could reach.");
        }

        var certificate = Certificate();
        var addresses = listeners.Select(listener => (IPEndPoint)listener.LocalEndPoint!).ToList();
        var token = Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(TokenBytes));
        var offer = new SpliceOffer(addresses, SpliceOffer.Fingerprint(certificate), token);
        Run(() => AwaitAsync(listeners, certificate, offer, role));
        return offer;
    }

    /// <summary>Meets the other machine at what it offers; returns when the splice runs.</summary>
    /// <exception cref="FileException">EHOSTUNREACH: it cannot be reached; ECONNREFUSED: the agent here or there refused.</exception>
    public async Task MeetAsync(SpliceOffer offer, Role role, CancellationToken cancellation)
    {
        using var patience = new CancellationTokenSource(SpliceLimits.Connect, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(patience.Token, cancellation, _stop.Token);
        var attempts = offer.Addresses.Select(address => DialAsync(address, offer, either.Token)).ToList();
        SslStream? met = null;
        await foreach (var attempt in Task.WhenEach(attempts))
        {
            var stream = await attempt;
            if (met is null && stream is not null)
            {
                met = stream;
                await patience.CancelAsync();
            }
            else if (stream is not null)
            {
                await stream.DisposeAsync();
            }
        }

        if (met is null)
        {
            throw new FileException(Errno.EHOSTUNREACH, $"meet: no way to {string.Join(", ", offer.Addresses)}.");
        }

        Begin(met, role);
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        Task[] running;
        lock (_lock)
        {
            running = [.. _running];
        }

        await Task.WhenAll(running);
    }

    private static List<Socket> Listen()
    {
        var listeners = new List<Socket>();
        foreach (var address in SpliceOffer.OwnAddresses())
        {
            var listener = new Socket(address.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
            try
            {
                listener.Bind(new IPEndPoint(address, 0));
                listener.Listen(SpliceLimits.Handshakes);
                listeners.Add(listener);
            }
            catch (SocketException)
            {
                // An address that went away this moment, or is not usable yet.
                listener.Dispose();
            }
        }

        return listeners;
    }

    private X509Certificate2 Certificate()
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest("CN=pewter splice", key, HashAlgorithmName.SHA256);
        var now = time.GetUtcNow();
        return request.CreateSelfSigned(now.AddDays(-1), now.AddDays(1));
    }

    private async Task AwaitAsync(List<Socket> listeners, X509Certificate2 certificate, SpliceOffer offer, Role role)
    {
        using var patience = new CancellationTokenSource(SpliceLimits.Offer, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(patience.Token, _stop.Token);
        var met = new TaskCompletionSource<SslStream>(TaskCreationOptions.RunContinuationsAsynchronously);
        var accepting = listeners.Select(listener => AcceptAsync(listener, certificate, offer, met, either.Token)).ToList();
        try
        {
            Begin(await met.Task.WaitAsync(either.Token), role);
        }
        catch (Exception nobody) when (nobody is OperationCanceledException or FileException)
        {
            // Nobody came, or the agent refused, which closes the connection: who planned the splice takes another way.
        }
        finally
        {
            await either.CancelAsync();
            listeners.ForEach(listener => listener.Dispose());
            await Task.WhenAll(accepting);
            certificate.Dispose();
        }
    }

    private async Task AcceptAsync(
        Socket listener, X509Certificate2 certificate, SpliceOffer offer, TaskCompletionSource<SslStream> met, CancellationToken cancellation)
    {
        var handshakes = new List<Task>();
        try
        {
            while (true)
            {
                var socket = await listener.AcceptAsync(cancellation);
                handshakes.RemoveAll(handshake => handshake.IsCompleted);
                handshakes.Add(GreetAsync(socket, certificate, offer, met, cancellation));
                if (handshakes.Count >= SpliceLimits.Handshakes)
                {
                    await Task.WhenAny(handshakes);
                }
            }
        }
        catch (Exception over) when (over is OperationCanceledException or SocketException or ObjectDisposedException)
        {
            await Task.WhenAll(handshakes);
        }
    }

    private async Task GreetAsync(
        Socket socket, X509Certificate2 certificate, SpliceOffer offer, TaskCompletionSource<SslStream> met, CancellationToken cancellation)
    {
        socket.NoDelay = true;
        var stream = new SslStream(new NetworkStream(socket, ownsSocket: true));
        using var patience = new CancellationTokenSource(SpliceLimits.Connect, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(patience.Token, cancellation);
        try
        {
            await stream.AuthenticateAsServerAsync(
                new SslServerAuthenticationOptions { ServerCertificate = certificate, EnabledSslProtocols = SslProtocols.Tls13 }, either.Token);
            var token = new byte[TokenBytes];
            await stream.ReadExactlyAsync(token, either.Token);
            if (CryptographicOperations.FixedTimeEquals(token, Convert.FromHexString(offer.Token)) && met.TrySetResult(stream))
            {
                return;
            }
        }
        catch (Exception stranger) when (stranger is AuthenticationException or IOException or OperationCanceledException or SocketException)
        {
            // Not who is expected.
        }

        await stream.DisposeAsync();
    }

    private static async Task<SslStream?> DialAsync(IPEndPoint address, SpliceOffer offer, CancellationToken cancellation)
    {
        var socket = new Socket(address.AddressFamily, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        SslStream? stream = null;
        try
        {
            await socket.ConnectAsync(address, cancellation);
            stream = new SslStream(new NetworkStream(socket, ownsSocket: true));
            await stream.AuthenticateAsClientAsync(
                new SslClientAuthenticationOptions
                {
                    TargetHost = "pewter splice", EnabledSslProtocols = SslProtocols.Tls13,
                    RemoteCertificateValidationCallback = (_, certificate, _, _) => offer.IsOf(certificate),
                },
                cancellation);
            await stream.WriteAsync(Convert.FromHexString(offer.Token), cancellation);
            return stream;
        }
        catch (Exception unreachable) when (unreachable is SocketException or IOException or AuthenticationException or OperationCanceledException)
        {
            socket.Dispose();
            await (stream?.DisposeAsync() ?? default);
            return null;
        }
    }

    /// <summary>Gives the agent its end, and joins that to the connection.</summary>
    private void Begin(SslStream stream, Role role)
    {
        var (mine, theirs) = SocketPair.CreateSequenced();
        var channel = new AgentChannel(mine);
        try
        {
            SpliceBroker.Tell(role.End, role.IsSource ? $"give {{0}} {role.Stream} way=tls {role.Peer}" : $"take {{0}} way=tls {role.Peer}", theirs);
        }
        catch (FileException refused)
        {
            stream.Dispose();
            channel.Dispose();
            throw new FileException(Errno.ECONNREFUSED, refused.Message, refused);
        }
        finally
        {
            Descriptors.Close(theirs);
        }

        var wire = new SpliceWire(stream, time, _stop.Token);
        Run(role.IsSource ? () => GiveAsync(channel, wire, role.Peer) : () => TakeAsync(channel, wire, role.Peer));
    }

    private static async Task GiveAsync(AgentChannel channel, SpliceWire wire, string peer)
    {
        using var relay = new SourceRelay(channel, wire, peer);
        await relay.RunAsync();
    }

    private static async Task TakeAsync(AgentChannel channel, SpliceWire wire, string peer)
    {
        var (reader, writer) = AnonymousPipe.Create(wait: false);
        AnonymousPipe.TrySetCapacity(reader, AnonymousPipe.LargeCapacity / 2);
        channel.Send([AgentChannel.Live], reader);
        channel.Send([AgentChannel.End]);
        Descriptors.Close(reader);
        using var relay = new TargetRelay(channel, PipeEnd.Open(writer, PipeDirection.Out), wire, peer);
        await relay.RunAsync();
    }

    private void Run(Func<Task> part)
    {
        lock (_lock)
        {
            _running.RemoveWhere(other => other.IsCompleted);
            if (_running.Count >= 2 * SpliceLimits.Splices)
            {
                throw new FileException(Errno.EAGAIN, $"This machine has {SpliceLimits.Splices} splices with others already.");
            }

            _running.Add(Task.Run(part));
        }
    }
}
