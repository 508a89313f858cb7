using System.Text.Json;
using Pewter.Execution.Placement;
using Pewter.NineP;
using Pewter.NineP.Serving;
using Pewter.Tree;

namespace Pewter.Execution.Nodes;

/// <summary>
/// The nodes as <c>/node</c> tells of them, this machine's and its peers'. Keeps count of what was placed where, since a node's load is old
/// news by the time it is read. Safe to call from many threads.
/// </summary>
internal sealed class NodeInventory
{
    // What has no query runs on the machine itself, as a program that is started from a shell does.
    private const string Here = "kind=host";

    private readonly TreeClient _tree;
    private readonly Lock _lock = new();
    private readonly Dictionary<string, int> _placed = new(StringComparer.Ordinal);

    internal NodeInventory(TreeClient tree) => _tree = tree;

    /// <summary>The ready nodes that a query finds and that a caller may use; all members of one query are read at once.</summary>
    internal async ValueTask<IReadOnlyList<Candidate>> FindAsync(string? query, Caller caller, CancellationToken cancellation)
    {
        using var document = await QueryAsync((query ?? Here).Trim('/'), cancellation);
        var found = new List<Candidate>();
        if (document is null)
        {
            return found;
        }

        foreach (var node in document.RootElement.EnumerateArray())
        {
            if (Text(node, "state") == "ready" && MayUse(node, caller) && !(query is null && IsPeers(node)))
            {
                found.Add(Read(node));
            }
        }

        return found;
    }

    /// <summary>Counts processes of a node: one more, or one fewer.</summary>
    internal void Count(string node, int change)
    {
        lock (_lock)
        {
            _placed[node] = _placed.GetValueOrDefault(node) + change;
        }
    }

    /// <summary>The state of a node now; null when it is gone.</summary>
    internal async ValueTask<string?> StateAsync(string node, CancellationToken cancellation)
    {
        try
        {
            using var document = JsonDocument.Parse(await _tree.ReadTextAsync(node + "/json", cancellation));
            return Text(document.RootElement, "state");
        }
        catch (FileException missing) when (missing.Errno == Errno.ENOENT)
        {
            return null;
        }
    }

    // A bare word is a tag; where no node has it, it is a node's name or its id.
    private async ValueTask<JsonDocument?> QueryAsync(string query, CancellationToken cancellation)
    {
        string[] meanings = !query.Any("/=!<>~".Contains) ? [query, "name=" + query, "id=" + query] : [query];
        foreach (var meaning in meanings)
        {
            JsonDocument? found = null;
            try
            {
                found = JsonDocument.Parse(await _tree.ReadTextAsync($"/node/query/{meaning}/json", cancellation));
                if (meanings.Length == 1 || (found.RootElement.ValueKind == JsonValueKind.Array && found.RootElement.GetArrayLength() > 0))
                {
                    (var document, found) = (found, null);
                    return document;
                }
            }
            catch (FileException missing) when (missing.Errno == Errno.ENOENT && meanings.Length > 1)
            {
                // No node has such a tag.
            }
            finally
            {
                found?.Dispose();
            }
        }

        return null;
    }

    private Candidate Read(JsonElement node)
    {
        var path = Text(node, "path")!;
        lock (_lock)
        {
            var (memory, used) = (Number(node, "mem"), Number(node, "used"));
            return new Candidate(
                path, Number(node, "cpus") ?? 1, Number(node, "load") ?? 0, memory is null ? null : (long)(memory - (used ?? 0)),
                _placed.GetValueOrDefault(path));
        }
    }

    private static bool IsPeers(JsonElement node) => !Text(node, "path")!.StartsWith("/node/", StringComparison.Ordinal);

    // The machine itself is everybody's; limits of users hold there. Other nodes are their owner's and the owner's group's.
    private static bool MayUse(JsonElement node, Caller caller) =>
        caller.IsAdmin || Text(node, "kind") == "host" || Text(node, "user") == caller.User
        || (Text(node, "group") is { } group && caller.Groups.Contains(group));

    private static string? Text(JsonElement node, string name) =>
        node.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;

    private static double? Number(JsonElement node, string name) =>
        node.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.Number ? value.GetDouble() : null;
}
