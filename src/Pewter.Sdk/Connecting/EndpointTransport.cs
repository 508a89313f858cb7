using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;
using Pewter.NineP;
using Pewter.NineP.Transport;

namespace Pewter.Sdk;

/// <summary>Opens the transport to an endpoint. Each failure is a <see cref="FileException"/> whose sentence says what to do.</summary>
internal static class EndpointTransport
{
    public static async ValueTask<NineTransport> OpenAsync(PewterEndpoint endpoint, CancellationToken cancellation)
    {
        var isUnix = endpoint.Kind == EndpointKind.Unix;
        var socket = isUnix
            ? new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified)
            : new Socket(SocketType.Stream, ProtocolType.Tcp);
        try
        {
            await (isUnix
                ? socket.ConnectAsync(new UnixDomainSocketEndPoint(endpoint.Address), cancellation)
                : socket.ConnectAsync(endpoint.Address, endpoint.Port, cancellation));
        }
        catch (Exception exception) when (exception is SocketException or ArgumentOutOfRangeException)
        {
            socket.Dispose();
            throw Explain(endpoint, exception);
        }

        return endpoint.Kind == EndpointKind.Tls
            ? NineTransport.FromStream(await SecureAsync(endpoint, socket, cancellation))
            : NineTransport.FromSocket(socket);
    }

    private static async ValueTask<SslStream> SecureAsync(PewterEndpoint endpoint, Socket socket, CancellationToken cancellation)
    {
        var stream = new SslStream(new NetworkStream(socket, ownsSocket: true));
        try
        {
            await stream.AuthenticateAsClientAsync(endpoint.Tls.Options(endpoint.Address), cancellation);
            return stream;
        }
        catch (Exception exception) when (exception is IOException or AuthenticationException)
        {
            await stream.DisposeAsync();
            throw new FileException(
                Errno.EPROTO, $"{endpoint}: the daemon's certificate is not trusted, or it does not speak TLS: {exception.Message}", exception);
        }
    }

    private static FileException Explain(PewterEndpoint endpoint, Exception exception) => exception switch
    {
        SocketException { SocketErrorCode: SocketError.AccessDenied } =>
            new(Errno.EACCES, $"you may not use {endpoint}; ask its owner for access.", exception),
        SocketException when endpoint.Kind == EndpointKind.Unix =>
            new(Errno.ECONNREFUSED, $"no daemon answers at {endpoint}. 'pewter up' starts one.", exception),
        SocketException failure => new(Errno.ECONNREFUSED, $"no daemon answers at {endpoint}: {failure.Message}.", exception),
        _ => new(Errno.ENAMETOOLONG, $"the path of {endpoint} is too long for a socket; choose a shorter state directory.", exception),
    };
}
