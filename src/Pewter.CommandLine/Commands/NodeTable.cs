using System.Globalization;
using System.Text.Json;
using Pewter.CommandLine.Output;
using Pewter.CommandLine.Running;
using Pewter.Configuration;

namespace Pewter.CommandLine.Commands;

/// <summary>Nodes for people: what the json of a node says, in columns.</summary>
internal static class NodeTable
{
    public static Table<JsonElement> Of(TimeProvider time) => new Table<JsonElement>(node => Text(node, "path"))
        .Text("node", node => ProcessLabels.ShortOf(Text(node, "path")))
        .Text("name", node => Text(node, "name"))
        .Text("kind", node => Text(node, "kind"))
        .Text("state", State)
        .Text("user", node => Text(node, "user"))
        .Text("cpus", node => Text(node, "cpus"))
        .Text("mem", node => Size(node, "mem"))
        .Text("used", node => Size(node, "used"))
        .Text("load", node => node.TryGetProperty("load", out var load) ? load.GetDouble().ToString("0.0", CultureInfo.InvariantCulture) : "")
        .Text("lease", node => Lease(node, time))
        .Text("labels", node => node.TryGetProperty("labels", out var labels) ? string.Join(' ', labels.EnumerateArray()) : "")
        .Text("cause", node => Text(node, "cause"));

    public static string Text(JsonElement node, string name) => node.TryGetProperty(name, out var value) ? value.ToString() : "";

    private static string State(JsonElement node) =>
        Text(node, "phase") is { Length: > 0 } phase ? $"{Text(node, "state")} ({phase})" : Text(node, "state");

    private static string Size(JsonElement node, string name) => node.TryGetProperty(name, out var value) ? Bytes.Text(value.GetInt64()) : "";

    private static string Lease(JsonElement node, TimeProvider time)
    {
        if (!node.TryGetProperty("lease", out var end))
        {
            return "";
        }

        var left = end.GetDateTimeOffset() - time.GetUtcNow();
        return left > TimeSpan.Zero ? Duration.Format(TimeSpan.FromSeconds(Math.Ceiling(left.TotalSeconds))) : "over";
    }
}
