using Pewter.NineP;
using Pewter.NineP.Client;
using Pewter.NineP.Serving;
using Pewter.Tree;

namespace Pewter.Peers.Links;

/// <summary>
/// A child of this daemon, over all its connections: its tree stays the same directory while links come and go. <see
/// cref="PeerTable"/> owns it and is the
/// only one that changes it; anybody may read.
/// </summary>
internal sealed class Peer
{
    private readonly TimeProvider _time;
    private volatile PeerNews _news;
    private volatile PeerLink? _link;

    public Peer(long number, string user, JoinHello hello, ServedFile parent, TimeProvider time)
    {
        (Number, Name, User, KeyHash, Id, _time) = (number, hello.Name, user, hello.HashKey(), hello.Id, time);
        _news = new PeerNews(PeerState.Connecting, hello, hello.Version, 0, time.GetUtcNow(), null);
        Life = new SignOfLife(time);
        Remote = new RemoteTree(RootAsync, time);
        Directory = Remote.Directory("", parent);
    }

    /// <summary>Its number in the collection.</summary>
    public long Number { get; }

    /// <summary>Its name.</summary>
    public string Name { get; }

    /// <summary>Whose token or certificate it joined with.</summary>
    public string User { get; }

    public byte[] KeyHash { get; }

    public string Id { get; }

    /// <summary>Its tree.</summary>
    public RemoteTree Remote { get; }

    /// <summary>The root of its tree.</summary>
    public ServedFile Directory { get; }

    /// <summary>When it was last heard of, on whatever link.</summary>
    public SignOfLife Life { get; }

    public PeerNews News => _news;

    /// <summary>The present connection; null when there is none.</summary>
    public PeerLink? Link
    {
        get => _link;
        set => _link = value;
    }

    /// <summary>Removes it when it stays away.</summary>
    public ITimer? Expiry { get; set; }

    /// <summary>Takes note of a state.</summary>
    public void Enter(string state, string? error, Func<PeerNews, PeerNews>? more = null)
    {
        var news = more?.Invoke(_news) ?? _news;
        _news = news with { State = state, Error = error, Since = news.State == state ? news.Since : _time.GetUtcNow() };
    }

    private ValueTask<NineFile> RootAsync(Caller caller, CancellationToken cancellation) => _link is { IsUp: true } link
        ? link.RootAsync(caller, cancellation)
        : throw new FileException(
            Errno.ENOLINK, FormattableString.Invariant($"{Name} is {_news.State}: last heard of {Life.Silence.TotalSeconds:0.#} s ago."));
}
