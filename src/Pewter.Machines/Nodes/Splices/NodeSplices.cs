using Pewter.Machines.Nodes.Agents;
using Pewter.NineP;
using Pewter.Tree;

namespace Pewter.Machines.Nodes.Splices;

/// <summary>
/// The commands that join sessions: of two nodes of this machine by their agents' sockets, and of this and another machine by TLS. Only daemons
/// give them, for their users. Owns the connections to other machines.
/// </summary>
internal sealed class NodeSplices(Func<string, Node?> find, TimeProvider time) : IAsyncDisposable
{
    private readonly SpliceTransit _transit = new(time);

    /// <summary>Feeds a session of a node from one of another node of this machine.</summary>
    public async ValueTask JoinAsync(Node target, CommandCall call, CancellationToken cancellation)
    {
        Demand(call);
        var from = call.Word("from")!;
        var source = find(from) ?? throw new FileException(Errno.ENOENT, $"There is no node {from} here.");
        var (give, take) = (EndOf(source, call.Int("source")), EndOf(target, call.Int("session")));
        await Task.Run(() => SpliceBroker.Join(give, Stream(call), take), cancellation);
    }

    /// <summary>Listens for another machine.</summary>
    public CommandResult Offer(Node node, CommandCall call)
    {
        var offer = _transit.Offer(RoleOf(node, call));
        return CommandResult.Json(json =>
        {
            json.WriteString("addresses", string.Join(',', offer.Addresses));
            json.WriteString("key", offer.Key);
            json.WriteString("token", offer.Token);
        });
    }

    /// <summary>Takes another machine's offer up; returns when the splice runs.</summary>
    public ValueTask MeetAsync(Node node, CommandCall call, CancellationToken cancellation)
    {
        var role = RoleOf(node, call);
        return new(_transit.MeetAsync(SpliceOffer.Parse(call.Word("addresses")!, call.Word("key")!, call.Word("token")!), role, cancellation));
    }

    /// <inheritdoc/>
    public ValueTask DisposeAsync() => _transit.DisposeAsync();

    private static SpliceTransit.Role RoleOf(Node node, CommandCall call)
    {
        Demand(call);
        return new(EndOf(node, call.Int("session")), call.Word("role") == "give", Stream(call), call.Word("peer")!);
    }

    private static int Stream(CommandCall call) => call.Int("stream", 1) == 2 ? 2 : 1;

    private static void Demand(CommandCall call)
    {
        if (!call.Caller.IsAdmin)
        {
            throw new FileException(Errno.EPERM, "Splice sessions under /proc, which know whose they are.");
        }
    }

    private static SpliceBroker.End EndOf(Node node, long session) =>
        node.Kind.TakesDescriptors && node.Record.State == NodeStates.Ready && node.Kind.AgentSocket(node.Record) is { } socket
            ? new(node.Id, socket, session)
            : throw new FileException(Errno.EOPNOTSUPP, $"{node.Id} does not take descriptors of this machine.");
}
