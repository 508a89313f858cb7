using System.Text.Json;
using Pewter.Execution.Sessions;
using Pewter.Hosting.Logging;
using Pewter.NineP;
using Pewter.NineP.Serving;
using Pewter.Tree;

namespace Pewter.Execution.Nodes;

/// <summary>
/// Follows what ends on one node: one open <c>events</c> for all of its processes. When the node is out of reach it tries again, and gives
/// its processes up when the node is gone for good or has not come back within its lease.
/// </summary>
/// <remarks>Owns its task; <see cref="Watch"/> may be called from many threads.</remarks>
internal sealed class NodeFollower : IAsyncDisposable
{
    private static readonly TimeSpan RetryDelay = TimeSpan.FromSeconds(1);

    private readonly string _node;
    private readonly TreeClient _tree;
    private readonly NodeInventory _nodes;
    private readonly TimeProvider _time;
    private readonly TimeSpan _lease;
    private readonly Log _log;
    private readonly Func<string, LeafExit, ValueTask> _ended;
    private readonly CancellationTokenSource _stop = new();
    private readonly Lock _lock = new();
    private readonly HashSet<string> _watched = new(StringComparer.Ordinal);
    private readonly HashSet<string> _givenUp = new(StringComparer.Ordinal);
    private Task? _following;

    /// <summary>A follower that has not begun.</summary>
    /// <param name="node">The node's directory.</param>
    /// <param name="tree">The tree, as the daemon.</param>
    /// <param name="nodes">Tells a node's state.</param>
    /// <param name="lease">How long the node may be out of reach.</param>
    /// <param name="time">The clock.</param>
    /// <param name="log">Told of what is out of reach.</param>
    /// <param name="ended">Told once of each watched process that has ended, by its id in the node's <c>proc</c>.</param>
    internal NodeFollower(
        string node, TreeClient tree, NodeInventory nodes, TimeSpan lease, TimeProvider time, Log log, Func<string, LeafExit, ValueTask> ended)
    {
        (_node, _tree, _nodes, _lease, _time, _log, _ended) = (node, tree, nodes, lease, time, log, ended);
    }

    /// <summary>Begins to follow; what is watched already is looked at first. The second call does nothing.</summary>
    internal void Start()
    {
        lock (_lock)
        {
            _following ??= Task.Run(FollowAsync);
        }
    }

    /// <summary>Watches a process from now on. One of an earlier life of the daemon, which may have ended, is found with the next connection.</summary>
    internal void Watch(string agentId)
    {
        lock (_lock)
        {
            _watched.Add(agentId);
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await (_following ?? Task.CompletedTask);
        _stop.Dispose();
    }

    private async Task FollowAsync()
    {
        var lastSeen = _time.GetTimestamp();
        while (!_stop.IsCancellationRequested)
        {
            try
            {
                await using var events = await _tree.OpenAsync(_node + "/proc/events", OpenFlags.ReadWrite, _stop.Token);
                await EndGivenUpAsync();
                await SettleAllAsync();
                lastSeen = _time.GetTimestamp();
                await FollowAsync(events);
                lastSeen = _time.GetTimestamp();
            }
            catch (OperationCanceledException) when (_stop.IsCancellationRequested)
            {
                return;
            }
            catch (FileException failure)
            {
                _log.Debug("node out of reach", ("node", _node), ("why", failure.Message));
                await GiveUpIfLostAsync(lastSeen);
            }
            catch (JsonException failure)
            {
                _log.Error("node not understood", ("node", _node), ("why", failure.Message));
            }

            await PauseAsync();
        }
    }

    private async Task FollowAsync(TreeHandle events)
    {
        await foreach (var line in events.ReadLinesAsync(_stop.Token))
        {
            using var document = JsonDocument.Parse(line);
            var root = document.RootElement;
            if (root.TryGetProperty("gap", out _))
            {
                await SettleAllAsync();
            }
            else if (root.TryGetProperty("state", out var state) && state.GetString() == "ended" && root.TryGetProperty("path", out var path))
            {
                var text = path.GetString()!;
                var id = text[(text.LastIndexOf('/') + 1)..];

                // The event has the record; that of an agent of before has not.
                await (root.TryGetProperty("exit", out var record) ? EndAsync(id, LeafExit.Parse(record)) : SettleAsync(id, _stop.Token));
            }
        }
    }

    // After a connection, and after a gap in the events, nobody knows what ended meanwhile.
    private async ValueTask SettleAllAsync()
    {
        string[] watched;
        lock (_lock)
        {
            watched = [.. _watched];
        }

        await Parallel.ForEachAsync(
            watched, new ParallelOptions { MaxDegreeOfParallelism = 32, CancellationToken = _stop.Token }, (id, stop) => SettleAsync(id, stop));
    }

    private async ValueTask SettleAsync(string agentId, CancellationToken cancellation)
    {
        lock (_lock)
        {
            if (!_watched.Contains(agentId))
            {
                return;
            }
        }

        LeafExit? exit = null;
        try
        {
            using var document = JsonDocument.Parse(await _tree.ReadTextAsync($"{_node}/proc/{agentId}/json", cancellation));
            if (document.RootElement.TryGetProperty("exit", out var record) && record.ValueKind == JsonValueKind.Object)
            {
                exit = LeafExit.Parse(record);
            }
        }
        catch (FileException missing) when (missing.Errno == Errno.ENOENT)
        {
            exit = LeafExit.NodeLost($"{_node} knows nothing of its process {agentId}");
        }

        if (exit is not null)
        {
            await EndAsync(agentId, exit);
        }
    }

    private async ValueTask GiveUpIfLostAsync(long lastSeen)
    {
        string? state;
        try
        {
            state = await _nodes.StateAsync(_node, _stop.Token);
        }
        catch (FileException)
        {
            state = "unreachable";
        }
        catch (OperationCanceledException)
        {
            return;
        }

        var isGone = state is "lost" or "released";
        if (!isGone && _time.GetElapsedTime(lastSeen) < _lease)
        {
            return;
        }

        var why = isGone ? $"{_node} is {state}" : $"{_node} was out of reach for {_lease.TotalSeconds:0} s";
        string[] watched;
        lock (_lock)
        {
            watched = [.. _watched];
        }

        foreach (var id in watched)
        {
            lock (_lock)
            {
                _givenUp.Add(id);
            }

            await EndAsync(id, LeafExit.NodeLost(why));
        }
    }

    // What was declared lost must not go on when its node is back: nobody looks after it any more.
    private async ValueTask EndGivenUpAsync()
    {
        string[] givenUp;
        lock (_lock)
        {
            givenUp = [.. _givenUp];
            _givenUp.Clear();
        }

        foreach (var id in givenUp)
        {
            _log.Info("a process that was given up is ended", ("node", _node), ("process", id));
            await _tree.TryCommandAsync($"{_node}/proc/{id}/ctl", ["wipe"], _stop.Token);
        }
    }

    private async ValueTask EndAsync(string agentId, LeafExit exit)
    {
        bool isNews;
        lock (_lock)
        {
            isNews = _watched.Remove(agentId);
        }

        if (isNews)
        {
            await _ended(agentId, exit);
        }
    }

    private async Task PauseAsync()
    {
        try
        {
            await Task.Delay(RetryDelay, _time, _stop.Token);
        }
        catch (OperationCanceledException)
        {
            // The daemon ends; the loop sees it.
        }
    }
}
