using System.Collections.Concurrent;
using Pewter.NineP;
using Pewter.NineP.Serving;
using Pewter.Tree;

namespace Pewter.Execution.Sessions;

/// <summary>
/// Finds the way for a splice. On one machine, between its nodes or within one, the program's pipe itself is handed over and the bytes stay in the
/// kernel (<c>agent</c>, <c>direct</c>). Between two machines they go straight from one to the other over TLS (<c>tls</c>), dialled from
/// whichever end can reach the other. Where neither can they go through the tree, here (<c>tree</c>).
/// </summary>
/// <remarks>Owns the relays that run in this process; each ends with its source or its destination.</remarks>
internal sealed class SplicePlanner : IAsyncDisposable
{
    private readonly TreeClient _tree;
    private readonly CancellationTokenSource _stop = new();
    private readonly ConcurrentDictionary<long, Task> _relays = new();
    private long _lastRelay;

    internal SplicePlanner(TreeClient tree) => _tree = tree;

    /// <summary>Starts a splice; the result says which way it takes.</summary>
    internal async ValueTask<CommandResult> SpliceAsync(
        Leaf into, string path, int from, int to, Caller caller, CancellationToken cancellation)
    {
        var source = await ResolveAsync(path, from, caller, cancellation);
        var way = await BeginAsync(source, into, path, from, to, cancellation);
        into.Fed = (path, way);
        return CommandResult.Of("way", way);
    }

    private async ValueTask<string> BeginAsync(Source source, Leaf into, string path, int from, int to, CancellationToken cancellation)
    {
        if (source.Node == into.Node)
        {
            await _tree.CommandAsync(into.Path + "/ctl", ["splice", source.AgentPath!, $"{from}", $"{to}"], cancellation);
            return "agent";
        }

        if (source.Node is not null && await TryJoinAsync(source, into, from, cancellation))
        {
            return "direct";
        }

        if (source.Node is not null && await SpliceMeeting.TryAsync(_tree, source.Node, source.AgentPath!, into, from, cancellation))
        {
            return "tls";
        }

        var reader = await _tree.OpenAsync(source.Stream, OpenFlags.ReadOnly, cancellation);
        var writer = await _tree.OpenAsync(into.Path + "/stdin", OpenFlags.WriteOnly, cancellation);
        var id = Interlocked.Increment(ref _lastRelay);
        into.Relay = new RelayEdge(path);
        var relay = new TreeRelay(_tree, reader, writer, into.Relay, source.Session, into.Path);
        _relays[id] = Task.Run(async () =>
        {
            await relay.RunAsync(_stop.Token);
            _relays.TryRemove(id, out _);
        }, CancellationToken.None);
        return "tree";
    }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await Task.WhenAll(_relays.Values);
        _stop.Dispose();
    }

    // A session is known by its topology, which also says who may look: the caller must be able to read it. Anything else is a file.
    private async ValueTask<Source> ResolveAsync(string path, int from, Caller caller, CancellationToken cancellation)
    {
        var asked = new TreeClient(await _tree.WalkAsync("/", cancellation), caller);
        var stream = path.TrimEnd('/') + (from == 2 ? "/stderr" : "/stdout");
        if (!(await asked.StatAsync(path, cancellation)).Qid.Type.HasFlag(QidType.Directory))
        {
            await (await asked.OpenAsync(path, OpenFlags.ReadOnly, cancellation)).DisposeAsync();
            return new Source(null, null, path, null);
        }

        await (await asked.OpenAsync(stream, OpenFlags.ReadOnly, cancellation)).DisposeAsync();
        var lines = (await asked.ReadTextAsync(path.TrimEnd('/') + "/topology", cancellation)).Split('\n', StringSplitOptions.RemoveEmptyEntries);
        if (lines is not [var line] || line.Split(' ') is not [_, var node, var id, ..])
        {
            // A group, or a session that runs nowhere yet: its merged output is read here.
            return new Source(null, null, stream, path.TrimEnd('/'));
        }

        var peer = path.StartsWith("/peer/", StringComparison.Ordinal) ? path[..path.LastIndexOf("/proc/", StringComparison.Ordinal)] : "";
        return new Source(peer + node, "/proc/" + id, stream, path.TrimEnd('/'));
    }

    // Nodes of one machine are joined by that machine's daemon, wherever in the tree it is: pipe to pipe, with no daemon in the way.
    private async ValueTask<bool> TryJoinAsync(Source source, Leaf into, int from, CancellationToken cancellation)
    {
        const string Nodes = "/node/";
        var (there, here) = (source.Node!.LastIndexOf(Nodes, StringComparison.Ordinal), into.Node.LastIndexOf(Nodes, StringComparison.Ordinal));
        if (there != here || here < 0 || !source.Node.AsSpan(0, there).SequenceEqual(into.Node.AsSpan(0, here)))
        {
            return false;
        }

        try
        {
            var node = source.Node[(there + Nodes.Length)..];
            var session = source.AgentPath!["/proc/".Length..];
            await _tree.CommandAsync(into.Node + "/ctl", ["splice", into.AgentId, node, session, $"stream={from}"], cancellation);
            return true;
        }
        catch (FileException other) when (other.Errno is Errno.EOPNOTSUPP or Errno.EINVAL or Errno.ENOENT)
        {
            // A virtual machine, or a daemon that does not know the command: the bytes go through the tree.
            return false;
        }
    }

    private sealed record Source(string? Node, string? AgentPath, string Stream, string? Session);
}
