using System.Globalization;
using System.Text.Json;
using Pewter.CommandLine.Output;
using Pewter.Tree;

namespace Pewter.CommandLine.Running;

/// <summary>A session as <c>ps</c> and <c>top</c> list it.</summary>
internal sealed record SessionRow(string Id, string State, string User, string Node, string Exit, string Command, JsonElement Json)
{
    public static Table<SessionRow> Table { get; } = new Table<SessionRow>(row => row.Id)
        .Text("id", row => row.Id)
        .Text("state", row => row.State)
        .Text("user", row => row.User)
        .Text("node", row => row.Node)
        .Text("exit", row => row.Exit)
        .Text("command", row => row.Command)
        .Hidden("session", (json, row) => row.Json.WriteTo(json));

    /// <summary>Its directory.</summary>
    public string Path => Id.StartsWith('/') ? Id : "/proc/" + Id;

    /// <summary>Where the tree of its machine is mounted; empty for this one.</summary>
    public string Peer => Path[..Path.LastIndexOf("/proc/", StringComparison.Ordinal)];

    /// <summary>Whether it is several processes with directories of their own.</summary>
    public bool IsGroup => Json.TryGetProperty("processes", out var value) && value.ValueKind == JsonValueKind.Number;

    /// <summary>The sessions that a query finds; null: all.</summary>
    public static async ValueTask<IReadOnlyList<SessionRow>> ListAsync(TreeClient tree, string? query, CancellationToken cancellation)
    {
        var path = query is null ? "/proc/json" : $"/proc/query/{query.Trim('/')}/json";
        using var document = JsonDocument.Parse(await tree.ReadBytesAsync(path, cancellation));
        return [.. document.RootElement.EnumerateArray().Select(Read).OrderBy(row => row.Id, NaturalOrder.Instance)];
    }

    private static SessionRow Read(JsonElement session)
    {
        var path = Text(session, "path");
        var words = session.TryGetProperty("args", out var args)
            ? string.Join(' ', args.EnumerateArray().Select(word => word.GetString()))
            : Text(session, "cmd");
        var id = path.StartsWith("/proc/", StringComparison.Ordinal) ? path["/proc/".Length..] : path;
        var exit = Text(session, "cause") is { Length: > 0 } cause && Whole(session, "shell_code") is { } code
            ? string.Create(CultureInfo.InvariantCulture, $"{cause} {code}") : "";
        return new SessionRow(id, Text(session, "state"), Text(session, "user"), Nodes(session), exit, words, session.Clone());
    }

    private static string Nodes(JsonElement session)
    {
        if (!session.TryGetProperty("leaves", out var leaves))
        {
            return ProcessLabels.ShortOf(Text(session, "node"));
        }

        var nodes = NodeSet.Fold(leaves.EnumerateArray().Select(leaf => ProcessLabels.ShortOf(Text(leaf, "node"))));
        return leaves.GetArrayLength() > 1 ? $"{nodes} ({leaves.GetArrayLength()})" : nodes;
    }

    private static string Text(JsonElement json, string name) =>
        json.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString()! : "";

    private static int? Whole(JsonElement json, string name) =>
        json.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.Number ? value.GetInt32() : null;
}
