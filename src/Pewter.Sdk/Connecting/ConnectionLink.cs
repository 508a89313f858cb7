using System.Collections.Concurrent;
using Pewter.NineP;
using Pewter.NineP.Client;
using Pewter.NineP.Serving;
using Pewter.NineP.Transport;

namespace Pewter.Sdk;

/// <summary>One life of a connection: a transport, the client on it, and what is attached. Owns all of them; safe to share.</summary>
internal sealed class ConnectionLink(NineTransport transport, NineClient client, NineFile root) : IAsyncDisposable
{
    private readonly ConcurrentDictionary<uint, Lazy<Task<NineFile>>> _rootOfUser = new();

    /// <summary>Whether it has ended.</summary>
    public bool IsLost => client.Completion.IsCompleted;

    /// <summary>The root as whoever has connected.</summary>
    public NineFile Root => root;

    /// <summary>The root as a user of this machine, attached when first asked for. The daemon believes only local root.</summary>
    public async ValueTask<NineFile> RootOfAsync(Caller user, CancellationToken cancellation)
    {
        var attaching = _rootOfUser.GetOrAdd(user.Uid, uid => new(() => client.AttachAsync(user.User, "", uid)));
        try
        {
            return await attaching.Value.WaitAsync(cancellation);
        }
        catch (FileException)
        {
            // Asked again by the next request: a user may be made after the refusal.
            _rootOfUser.TryRemove(KeyValuePair.Create(user.Uid, attaching));
            throw;
        }
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await client.DisposeAsync();
        await transport.DisposeAsync();
    }
}
