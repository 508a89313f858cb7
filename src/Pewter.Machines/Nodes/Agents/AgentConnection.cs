using System.Net.Sockets;
using Pewter.NineP.Client;
using Pewter.NineP.Serving;
using Pewter.NineP.Transport;

namespace Pewter.Machines.Nodes.Agents;

/// <summary>One connection to an agent, with an attach for each user that came by. Owns socket, client and attaches.</summary>
internal sealed class AgentConnection : IAsyncDisposable
{
    // Users of one node at once; beyond it the attaches begin anew, and what is open stays open.
    private const int MostAttaches = 64;

    private readonly NineTransport _transport;
    private readonly NineClient _client;
    private readonly Lock _lock = new();
    private readonly Dictionary<string, Task<NineFile>> _attaches = new(StringComparer.Ordinal);
    private int _disposed;

    private AgentConnection(NineTransport transport, NineClient client) => (_transport, _client) = (transport, client);

    /// <summary>Whether it may still be used.</summary>
    public bool IsOpen => Volatile.Read(ref _disposed) == 0 && !_client.Completion.IsCompleted;

    /// <summary>
    /// Connects to an agent: by the path of its Unix socket, or of the host's end of the port that it listens on, or by what
    /// <see cref="AgentAddress"/> writes.
    /// </summary>
    public static async Task<AgentConnection> OpenAsync(string path, bool isPort, TimeProvider time, CancellationToken cancellation)
    {
        if (AgentAddress.TryParse(path) is { } address)
        {
            return await OpenAsync(NineTransport.FromStream(await address.ConnectAsync(cancellation)), time, cancellation);
        }

        var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        NineTransport transport;
        try
        {
            await socket.ConnectAsync(new UnixDomainSocketEndPoint(path), cancellation);
            transport = isPort
                ? NineTransport.FromStream(await PortStream.BeginAsync(new NetworkStream(socket, ownsSocket: true), cancellation))
                : NineTransport.FromSocket(socket);
        }
        catch
        {
            socket.Dispose();
            throw;
        }

        return await OpenAsync(transport, time, cancellation);
    }

    private static async Task<AgentConnection> OpenAsync(NineTransport transport, TimeProvider time, CancellationToken cancellation)
    {
        try
        {
            return new AgentConnection(transport, await NineClient.ConnectAsync(transport, null, time, cancellation));
        }
        catch
        {
            await transport.DisposeAsync();
            throw;
        }
    }

    /// <summary>The root as this user sees it. It stays the connection's.</summary>
    public Task<NineFile> AttachAsync(Caller caller)
    {
        lock (_lock)
        {
            if (_attaches.TryGetValue(caller.User, out var attach) && !attach.IsFaulted)
            {
                return attach;
            }

            if (_attaches.Count >= MostAttaches)
            {
                _attaches.Clear();
            }

            // The daemon says who asks: it is the one that the agent knows by the credentials of the socket.
            uint? number = caller.Uid == uint.MaxValue ? null : caller.Uid;
            return _attaches[caller.User] = _client.AttachAsync(caller.User, "/", number, CancellationToken.None);
        }
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        if (Interlocked.Exchange(ref _disposed, 1) == 0)
        {
            await _client.DisposeAsync();
            await _transport.DisposeAsync();
        }
    }
}
