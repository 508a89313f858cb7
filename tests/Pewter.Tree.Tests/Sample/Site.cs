using System.Collections.Concurrent;
using Pewter.NineP;
using Pewter.NineP.Client;
using Pewter.NineP.Server;
using Pewter.NineP.Serving;
using Pewter.NineP.Transport;

namespace Pewter.Tree.Tests;

/// <summary>
/// One machine of a system: its own lamps, its peers' trees under <c>/peer</c>, and <c>/lamp</c> as the union of all. Peers are
/// reached by real 9P over pipes in
/// memory, attached as whoever asks.
/// </summary>
internal sealed class Site : IAttachPoint, IAsyncDisposable
{
    private readonly CancellationTokenSource _stop = new();
    private readonly List<Task> _serving = [];
    private readonly Dictionary<string, NineClient> _links = [];
    private readonly ConcurrentDictionary<(NineClient Link, string User), Task<NineFile>> _roots = new();
    private readonly TreeDirectory _peers = new();

    public Site(UnionOptions? options = null)
    {
        Union = new(TimeProvider.System, options);
        Service = new(TimeProvider.System, Union);
        Service.Root.Add("peer", _peers);
    }

    public LampService Service { get; }

    public UnionDirectory Union { get; }

    /// <summary>Set to make the site deaf: requests on its tree never end.</summary>
    public bool IsStuck { get; set; }

    public TreeClient As(Caller caller) => new(Service.Root, caller);

    /// <summary>Mounts a peer: connect, attach per caller, show its tree and its lamps.</summary>
    public async Task JoinAsync(string name, Site peer)
    {
        await ReconnectAsync(name, peer);
        var tree = new RemoteTree(async (caller, cancellation) =>
        {
            var link = _links.GetValueOrDefault(name) ?? throw new FileException(Errno.ENOLINK, $"{name} is not connected.");
            return await _roots.GetOrAdd((link, caller.User), key => key.Link.AttachAsync(key.User, "", null, _stop.Token)).WaitAsync(cancellation);
        }, TimeProvider.System);
        _peers.Add(name, tree.Directory("", _peers));
        Union.Set(new(name, $"/peer/{name}", tree.Directory("lamp")) { Age = () => tree.Age });
    }

    public async Task ReconnectAsync(string name, Site peer)
    {
        var (here, there) = MemoryTransport.CreatePair();
        _serving.Add(NineServer.ServeAsync(there, peer, null, NineLimits.Default, TimeProvider.System, _stop.Token));
        _links[name] = await NineClient.ConnectAsync(here);
    }

    public async Task CutAsync(string name)
    {
        if (_links.Remove(name, out var link))
        {
            await link.DisposeAsync();
        }
    }

    public async ValueTask<Attachment> AttachAsync(AttachRequest request, CancellationToken cancellation)
    {
        if (IsStuck)
        {
            await Task.Delay(Timeout.Infinite, cancellation);
        }

        var caller = new[] { Callers.Admin, Callers.Ann, Callers.Bob, Callers.Eve }.FirstOrDefault(caller => caller.User == request.UserName)
            ?? new Caller { User = request.UserName };
        return new(Service.Root, caller);
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var name in _links.Keys.ToList())
        {
            await CutAsync(name);
        }

        await _stop.CancelAsync();
        await Task.WhenAll(_serving);
        await Service.DisposeAsync();
    }
}
