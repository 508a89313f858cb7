using System.Security.Cryptography;
using Pewter.NineP;
using Pewter.NineP.Serving;
using Pewter.Peers.Links;
using Pewter.Tree;

namespace Pewter.Peers;

/// <summary>
/// The children of this daemon: admits them, follows their links, and removes those that stay away. A name belongs to one daemon
/// while it is listed; the
/// same daemon coming back takes its old place, whatever became of the old connection.
/// </summary>
/// <remarks>One gate serialises admissions and drops, another lock the changes of a peer's link and state; neither is held while
/// waiting for a peer.</remarks>
internal sealed class PeerTable : IAsyncDisposable
{
    private readonly PeerOptions _options;
    private readonly PeerSetting _setting;
    private readonly TimeProvider _time;
    private readonly SemaphoreSlim _admission = new(1, 1);
    private readonly Lock _lock = new();
    private bool _isClosed;

    public PeerTable(PeerSetting setting, PeerOptions options, TimeProvider time)
    {
        (_setting, _options, _time) = (setting, options, time);
        Peers = new Collection<Peer>(PeerKind.Declare(this), time, PeerKind.Commands(this));
    }

    /// <summary>The collection <c>/peer</c>.</summary>
    public Collection<Peer> Peers { get; }

    /// <summary>This daemon's name.</summary>
    public string Name => _setting.Name;

    /// <summary>What this daemon tells the daemons above and below it.</summary>
    public Beat Beat()
    {
        var up = Peers.All().Select(target => target.Item).Where(peer => peer.Link is { IsUp: true }).ToList();
        var height = up.Count == 0 ? 0 : 1 + up.Max(peer => peer.News.Height);
        return new Beat(Name, _options.Version, height, [_setting.Id, .. _setting.Ancestors()]);
    }

    /// <summary>A peer by its name or id; ENOENT when there is none.</summary>
    public Peer Find(string name) => Peers.Find(name)?.Item ?? throw new FileException(Errno.ENOENT, $"There is no peer {name}.");

    /// <summary>Lets a child in, or says in a sentence why not.</summary>
    public async Task<(Peer Peer, PeerLink Link)> AdmitAsync(JoinHello hello, Caller caller, LinkPipe pipe)
    {
        if (!JoinFile.MayJoin(caller, hello.Name))
        {
            throw new FileException(Errno.EACCES, $"{caller.User} may not join as {hello.Name}, only under the names of its groups 'peer:NAME'.");
        }

        if (Beat().Route.Contains(hello.Id))
        {
            throw new FileException(Errno.ELOOP, $"{hello.Name} is above {Name} already: joining would make a loop.");
        }

        await _admission.WaitAsync();
        try
        {
            while (true)
            {
                var peer = await PlaceAsync(hello, caller.User);
                var link = new PeerLink(pipe, peer.Life, _options, _time);
                if (Connect(peer, link, hello))
                {
                    return (peer, link);
                }

                // It was forgotten at this very moment, and has to be made anew.
                await Task.Yield();
            }
        }
        finally
        {
            _admission.Release();
        }
    }

    /// <summary>Follows a link until it ends.</summary>
    public async Task RunAsync(Peer peer, PeerLink link)
    {
        using var owned = link;
        Lost(peer, link, await link.RunAsync(beat => Heard(peer, link, beat)));
    }

    /// <summary>Ends a peer's connection and forgets it.</summary>
    public async Task DropAsync(Peer peer)
    {
        if (peer.Link is { } link)
        {
            await link.EndAsync("dropped");
            Lost(peer, link, "dropped");
        }

        Forget(peer, "dropped");
    }

    /// <summary>How long a peer takes to answer. ENOLINK when it is not connected.</summary>
    public async ValueTask<TimeSpan> PingAsync(Peer peer, CancellationToken cancellation)
    {
        var began = _time.GetTimestamp();
        await new TreeClient(peer.Directory, Caller.System).ReadTextAsync("peer/beat", cancellation);
        return _time.GetElapsedTime(began);
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        lock (_lock)
        {
            _isClosed = true;
        }

        foreach (var peer in Peers.All().Select(target => target.Item))
        {
            peer.Expiry?.Dispose();
            await (peer.Link?.EndAsync("the daemon stops") ?? Task.CompletedTask);
        }

        await Peers.DisposeAsync();
    }

    /// <summary>The peer that a hello is of: a new one, or the one that comes back, whose old link is ended first.</summary>
    private async Task<Peer> PlaceAsync(JoinHello hello, string user)
    {
        var found = Peers.Find(hello.Name)?.Item;
        if (found is null)
        {
            var renamed = Peers.All().Select(target => target.Item).FirstOrDefault(peer => IsSame(peer, hello, user));
            if (renamed is not null)
            {
                await DropAsync(renamed);
            }

            return await AddAsync(hello, user);
        }

        if (!IsSame(found, hello, user))
        {
            throw new FileException(
                Errno.EEXIST,
                $"The name {hello.Name} is another daemon's, which is {found.News.State}; "
                + $"choose another with --name, or 'drop {hello.Name}' on /peer/ctl of {Name}.");
        }

        await (found.Link?.EndAsync("it connected again") ?? Task.CompletedTask);
        return found;
    }

    private static bool IsSame(Peer peer, JoinHello hello, string user) =>
        peer.Id == hello.Id && peer.User == user && CryptographicOperations.FixedTimeEquals(peer.KeyHash, hello.HashKey());

    private async Task<Peer> AddAsync(JoinHello hello, string user)
    {
        var peer = new Peer(await _setting.NextNumber(), user, hello, Peers, _time);
        try
        {
            Peers.Add(peer.Number, peer, hello.Name);
        }
        catch (FileException refused) when (refused.Errno == Errno.EINVAL)
        {
            throw new FileException(Errno.EINVAL, $"'{hello.Name}' cannot be the name of a peer; choose another with --name.", refused);
        }

        _setting.Came(peer);
        return peer;
    }

    private void Heard(Peer peer, PeerLink link, Beat beat)
    {
        bool wasUp;
        lock (_lock)
        {
            var news = peer.News;
            wasUp = news.State == PeerState.Up;
            if (peer.Link != link || (wasUp && news.Height == beat.Height && news.Version == beat.Version))
            {
                return;
            }

            peer.Enter(PeerState.Up, null, old => old with { Height = beat.Height, Version = beat.Version });
        }

        Peers.Changed(peer.Number);
        _setting.Came(peer);
        if (!wasUp)
        {
            _setting.Tell("peer.up", peer, null);
        }
    }

    private void Lost(Peer peer, PeerLink link, string reason)
    {
        lock (_lock)
        {
            if (peer.Link != link)
            {
                return;
            }

            peer.Link = null;
            peer.Enter(PeerState.Unreachable, reason, news => news with { Height = 0 });
            peer.Expiry = _isClosed ? null : _time.CreateTimer(_ => Forget(peer, "it stayed away"), null, _options.Ttl, Timeout.InfiniteTimeSpan);
        }

        Peers.Changed(peer.Number);
        _setting.Tell("peer.lost", peer, reason);
    }

    private bool Connect(Peer peer, PeerLink link, JoinHello hello)
    {
        lock (_lock)
        {
            if (peer.News.State == PeerState.Gone)
            {
                return false;
            }

            peer.Expiry?.Dispose();
            (peer.Expiry, peer.Link) = (null, link);
            peer.Life.Note();
            peer.Enter(PeerState.Connecting, null, news => news with { Hello = hello, Version = hello.Version });
        }

        Peers.Changed(peer.Number);
        return true;
    }

    /// <summary>Removes a peer that has no link.</summary>
    private void Forget(Peer peer, string reason)
    {
        lock (_lock)
        {
            if (peer.Link is not null || peer.News.State == PeerState.Gone)
            {
                return;
            }

            peer.Expiry?.Dispose();
            peer.Enter(PeerState.Gone, reason);
        }

        // Removed before anybody is told, so that who waited for its end finds it gone.
        _setting.Left(peer);
        Peers.Remove(peer.Number);
        _setting.Tell("peer.gone", peer, reason);
    }
}
