using Pewter.NineP;
using Pewter.NineP.Client;
using Pewter.NineP.Serving;
using Pewter.Tree;

namespace Pewter.Sdk;

/// <summary>
/// A tree over 9P that comes back: when the connection is lost, what is in flight fails with ENOLINK and the next request connects again, so that a
/// program outlives a restart of the daemon. Safe to share; one owner disposes it.
/// </summary>
public sealed class PewterConnection : IAsyncDisposable
{
    private readonly PewterEndpoint _endpoint;
    private readonly SemaphoreSlim _gate = new(1, 1);
    private volatile ConnectionLink? _link;

    private PewterConnection(PewterEndpoint endpoint, TimeProvider time)
    {
        _endpoint = endpoint;
        Root = new RemoteTree(async (_, stop) => (await LinkAsync(stop)).Root, time).Directory();
        EachUser = !CanActForUsers(endpoint) ? null
            : new RemoteTree(async (user, stop) => await (await LinkAsync(stop)).RootOfAsync(user, stop), time).Directory();
    }

    /// <summary>The root of the tree.</summary>
    public ServedFile Root { get; }

    /// <summary>
    /// The same tree, in which each request is made with the rights of the local user (<see cref="Caller.Uid"/>) who asks, as the daemon
    /// knows them; null where this connection is one user's only: it is not root's, or not on the daemon's own socket.
    /// </summary>
    public ServedFile? EachUser { get; }

    /// <summary>Connects and attaches.</summary>
    /// <exception cref="FileException">Nothing answers there, or it refuses.</exception>
    public static async ValueTask<PewterConnection> OpenAsync(
        PewterEndpoint endpoint, TimeProvider? time = null, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(endpoint);
        var connection = new PewterConnection(endpoint, time ?? TimeProvider.System);
        await connection.LinkAsync(cancellation);
        return connection;
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await _gate.WaitAsync();
        if (_link is { } link)
        {
            await link.DisposeAsync();
        }

        _gate.Dispose();
    }

    private static bool CanActForUsers(PewterEndpoint endpoint) =>
        endpoint is { Kind: EndpointKind.Unix, Token: null } && Environment.IsPrivilegedProcess;

    private async ValueTask<ConnectionLink> LinkAsync(CancellationToken cancellation)
    {
        if (_link is { IsLost: false } present)
        {
            return present;
        }

        await _gate.WaitAsync(cancellation);
        try
        {
            if (_link is { } lost)
            {
                if (!lost.IsLost)
                {
                    return lost;
                }

                _link = null;
                await lost.DisposeAsync();
            }

            _link = await ConnectAsync(cancellation);
            return _link;
        }
        finally
        {
            _gate.Release();
        }
    }

    private async ValueTask<ConnectionLink> ConnectAsync(CancellationToken cancellation)
    {
        var transport = await EndpointTransport.OpenAsync(_endpoint, cancellation);
        NineClient? client = null;
        try
        {
            client = await NineClient.ConnectAsync(transport, cancellation: cancellation);
            var access = _endpoint.Token is null ? "" : $",token={_endpoint.Token}";
            return new ConnectionLink(transport, client, await client.AttachAsync(Environment.UserName, access, cancellation: cancellation));
        }
        catch (Exception failure)
        {
            if (client is not null)
            {
                await client.DisposeAsync();
            }

            await transport.DisposeAsync();
            if (failure is FileException refused)
            {
                throw new FileException(refused.Errno, $"{_endpoint}: {refused.Message}", refused);
            }

            throw;
        }
    }
}
