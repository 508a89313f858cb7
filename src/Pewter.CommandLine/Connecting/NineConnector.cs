using System.Net.Security;
using System.Net.Sockets;
using Pewter.NineP;
using Pewter.NineP.Client;
using Pewter.NineP.Serving;
using Pewter.NineP.Transport;

namespace Pewter.CommandLine.Connecting;

/// <summary>Reaches a daemon over 9P2000.L: a Unix socket, TCP, or TCP with TLS.</summary>
public sealed class NineConnector : ITreeConnector
{
    /// <inheritdoc/>
    public async ValueTask<TreeConnection> ConnectAsync(TreeEndpoint endpoint, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(endpoint);
        var transport = await OpenAsync(endpoint, cancellation);
        try
        {
            var client = await NineClient.ConnectAsync(transport, cancellation: cancellation);
            var root = await client.AttachAsync(Environment.UserName, AccessName(endpoint), cancellation: cancellation);
            return new TreeConnection(new NineServedFile(root, []), Caller.System, new Connection(client, transport));
        }
        catch (FileException exception)
        {
            await transport.DisposeAsync();
            throw new CommandException($"{endpoint}: {exception.Message}");
        }
        catch
        {
            await transport.DisposeAsync();
            throw;
        }
    }

    private static string AccessName(TreeEndpoint endpoint) => endpoint.Token is null ? "" : $",token={endpoint.Token}";

    private static async ValueTask<NineTransport> OpenAsync(TreeEndpoint endpoint, CancellationToken cancellation)
    {
        var isUnix = endpoint.Kind == TransportKind.Unix;
        var socket = isUnix ? new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified) : new Socket(SocketType.Stream, ProtocolType.Tcp);
        try
        {
            await (isUnix
                ? socket.ConnectAsync(new UnixDomainSocketEndPoint(endpoint.Address), cancellation)
                : socket.ConnectAsync(endpoint.Address, endpoint.Port, cancellation));
        }
        catch (Exception exception) when (exception is SocketException or ArgumentOutOfRangeException)
        {
            socket.Dispose();
            throw new CommandException(Explain(endpoint, exception));
        }

        return endpoint.Kind == TransportKind.Tls
            ? NineTransport.FromStream(await SecureAsync(endpoint, socket, cancellation))
            : NineTransport.FromSocket(socket);
    }

    private static async ValueTask<SslStream> SecureAsync(TreeEndpoint endpoint, Socket socket, CancellationToken cancellation)
    {
        var stream = new SslStream(new NetworkStream(socket, ownsSocket: true));
        try
        {
            await stream.AuthenticateAsClientAsync(endpoint.Tls.Options(endpoint.Address), cancellation);
            return stream;
        }
        catch (Exception exception) when (exception is IOException or System.Security.Authentication.AuthenticationException)
        {
            await stream.DisposeAsync();
            throw new CommandException($"{endpoint}: the daemon's certificate is not trusted, or it does not speak TLS: {exception.Message}");
        }
    }

    private static string Explain(TreeEndpoint endpoint, Exception exception) => exception switch
    {
        SocketException { SocketErrorCode: SocketError.AccessDenied } => $"you may not use {endpoint}; ask its owner for access.",
        SocketException when endpoint.Kind == TransportKind.Unix => $"no daemon answers at {endpoint}. 'pewter up' starts one.",
        SocketException failure => $"no daemon answers at {endpoint}: {failure.Message}.",
        _ => $"the path of {endpoint} is too long for a socket; choose a shorter --state.",
    };

    private sealed class Connection(NineClient client, NineTransport transport) : IAsyncDisposable
    {
        public async ValueTask DisposeAsync()
        {
            await client.DisposeAsync();
            await transport.DisposeAsync();
        }
    }
}
