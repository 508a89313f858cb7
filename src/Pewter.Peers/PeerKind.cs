using Pewter.Peers.Links;
using Pewter.Tree;

namespace Pewter.Peers;

/// <summary>
/// The declaration of <c>/peer</c>: <c>/peer/NAME</c> is the peer's whole tree, <c>/peer/linkN</c> what this daemon knows of it.
/// </summary>
internal static class PeerKind
{
    public static ObjectKind<Peer> Declare(PeerTable table) => new()
    {
        Prefix = "link",
        Mode = UnixMode.Octal(755),
        States = new(peer => peer.News.State, PeerState.All, [PeerState.Gone]),
        Named = peer => peer.Directory,
        CollectionFiles = [new("beat", new BeatFile(table.Beat)), new("join", new JoinFile(table))],
        Fields = new Fields<Peer>()
            .Duration("age", peer => peer.Life.Silence)
            .Text("version", peer => peer.News.Version)
            .Text("address", peer => peer.News.Hello.Address)
            .Text("route", peer => peer.News.Hello.Via)
            .Text("by", peer => peer.User)
            .Int("levels", peer => peer.News.Height)
            .Time("since", peer => peer.News.Since)
            .Text("error", peer => peer.News.Error),
        Commands = new CommandSet<Peer>()
            .Add("drop", "Ends its connection and forgets it. It comes back while its token or certificate is good.",
                (peer, _, _) => new ValueTask(table.DropAsync(peer)))
            .Add("ping", "Asks it for a sign of life and tells how long that took.", (peer, _, stop) => PingAsync(peer, table, stop)),
    };

    public static CommandSet<Collection<Peer>> Commands(PeerTable table) => new CommandSet<Collection<Peer>>()
        .Add("drop <name>", "Ends a peer's connection and forgets it.", (_, call, _) => new ValueTask(table.DropAsync(table.Find(call.Word("name")))))
        .Add("ping <name>", "Asks a peer for a sign of life and tells how long that took.",
            (_, call, stop) => PingAsync(table.Find(call.Word("name")), table, stop));

    private static async ValueTask<CommandResult> PingAsync(Peer peer, PeerTable table, CancellationToken cancellation)
    {
        var took = await table.PingAsync(peer, cancellation);
        return CommandResult.Json(json => json.WriteNumber("seconds", took.TotalSeconds));
    }
}
