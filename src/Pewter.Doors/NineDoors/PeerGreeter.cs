using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;
using Pewter.Doors.Identity;
using Pewter.Doors.Tls;
using Pewter.NineP.Transport;

namespace Pewter.Doors.NineDoors;

/// <summary>A peer that was let in, and the transport to it, which whoever holds this disposes.</summary>
internal sealed record Guest(NineTransport Transport, ConnectionPeer Peer);

/// <summary>Makes a transport of an accepted socket and finds out who is at its other end. One for a door; safe from many connections.</summary>
internal sealed class PeerGreeter(DoorEndpoint endpoint, DoorContext context)
{
    private readonly ServerIdentity? _identity = endpoint is TlsEndpoint tls ? ServerIdentity.Of(tls, context) : null;

    /// <summary>What limits and counters call the peer before it has proven anything.</summary>
    public string KeyOf(Socket socket) => endpoint is UnixEndpoint
        ? PeerCredentials.Identify(socket, context.Locals).Key
        : ((IPEndPoint)socket.RemoteEndPoint!).Address.ToString();

    /// <summary>Takes the socket over. Null when the handshake failed, and the socket is closed then.</summary>
    public async ValueTask<Guest?> GreetAsync(Socket socket, string key, ConnectionLife life)
    {
        if (endpoint is UnixEndpoint)
            return new Guest(NineTransport.FromSocket(socket), PeerCredentials.Identify(socket, context.Locals));
        if (_identity is null)
            return new Guest(NineTransport.FromSocket(socket), new ConnectionPeer(key, null));
        return await ShakeHandsAsync(socket, key, life, _identity);
    }

    private async ValueTask<Guest?> ShakeHandsAsync(Socket socket, string key, ConnectionLife life, ServerIdentity identity)
    {
        socket.NoDelay = true;
        var stream = new SslStream(new NetworkStream(socket, ownsSocket: true));
        try
        {
            using var patience = new CancellationTokenSource(context.Limits.HandshakeTimeout, context.Time);
            using var either = CancellationTokenSource.CreateLinkedTokenSource(patience.Token, life.Ended);
            await stream.AuthenticateAsServerAsync(identity.Options(), either.Token);
            return new Guest(NineTransport.FromStream(stream), PeerOf(stream, key, life));
        }
        catch (Exception failure) when (failure is AuthenticationException or IOException or OperationCanceledException)
        {
            await stream.DisposeAsync();
            return null;
        }
    }

    private ConnectionPeer PeerOf(SslStream stream, string key, ConnectionLife life)
    {
        if (stream.RemoteCertificate is not X509Certificate2 certificate)
            return new ConnectionPeer(key, null);
        var authority = context.Authority!;
        var ending = new CertificateEnd(authority, certificate, context.Time);
        life.Own(ending);
        life.DependOn(ending.Ended);
        // Looked at once more after the end is watched, so that a revocation in between is not missed.
        return new ConnectionPeer(key, authority.Identify(certificate)?.ToCaller());
    }
}
