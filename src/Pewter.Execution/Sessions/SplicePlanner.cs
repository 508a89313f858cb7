using System.Collections.Concurrent;
using Pewter.NineP;
using Pewter.NineP.Serving;
using Pewter.Tree;

namespace Pewter.Execution.Sessions;

/// <summary>
/// Finds the way for a splice. On one machine, between its nodes or within one, the program's pipe itself is handed over and the bytes stay in the
/// kernel. Where the two have no kernel in common the bytes go through the tree, here.
/// </summary>
/// <remarks>Owns the relays that run in this process; each ends with its source or its destination.</remarks>
internal sealed class SplicePlanner : IAsyncDisposable
{
    private const int RelayBytes = 256 << 10;

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
        if (source.Node == into.Node)
        {
            await _tree.CommandAsync(into.Path + "/ctl", ["splice", source.AgentPath!, $"{from}", $"{to}"], cancellation);
            return CommandResult.Of("way", "agent");
        }

        if (source.Node is not null && await TryJoinAsync(source, into, from, cancellation))
        {
            return CommandResult.Of("way", "direct");
        }

        var reader = await _tree.OpenAsync(source.Stream, OpenFlags.ReadOnly, cancellation);
        var writer = await _tree.OpenAsync(into.Path + "/stdin", OpenFlags.WriteOnly, cancellation);
        var id = Interlocked.Increment(ref _lastRelay);
        into.Relay = new RelayEdge(path);
        _relays[id] = Task.Run(() => RelayAsync(id, reader, writer, into.Relay), CancellationToken.None);
        return CommandResult.Of("way", "tree");
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
            return new Source(null, null, path);
        }

        await (await asked.OpenAsync(stream, OpenFlags.ReadOnly, cancellation)).DisposeAsync();
        var words = (await asked.ReadTextAsync(path.TrimEnd('/') + "/topology", cancellation)).Split([' ', '\n'], StringSplitOptions.RemoveEmptyEntries);
        if (words.Length != 3)
        {
            // A group, or a session that runs nowhere yet: its merged output is read here.
            return new Source(null, null, stream);
        }

        var peer = path.StartsWith("/peer/", StringComparison.Ordinal) ? path[..path.LastIndexOf("/proc/", StringComparison.Ordinal)] : "";
        return new Source(peer + words[1], "/proc/" + words[2], stream);
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

    private async Task RelayAsync(long id, TreeHandle reader, TreeHandle writer, RelayEdge edge)
    {
        try
        {
            await using (writer)
            await using (reader)
            {
                var buffer = new byte[RelayBytes];
                while (await reader.ReadAsync(buffer, _stop.Token) is > 0 and var count)
                {
                    await writer.WriteAsync(buffer.AsMemory(0, count), _stop.Token);
                    edge.Bytes += count;
                }
            }

            edge.State = "done";
        }
        catch (Exception end) when (end is FileException or OperationCanceledException)
        {
            // An end went away. The other learns it by its own: input ends when the writer is closed, output waits for another reader.
            (edge.Error, edge.State) = (end.Message, "broken");
        }
        finally
        {
            _relays.TryRemove(id, out _);
        }
    }

    private sealed record Source(string? Node, string? AgentPath, string Stream);
}
