using System.Text.Json.Nodes;

namespace Pewter.Doors.Redfish;

/// <summary>What the tree says of a node that has a power switch.</summary>
internal sealed class RedfishNode(JsonObject json)
{
    public string Id => Text("id");

    public string Name => Text("name") is { Length: > 0 } name ? name : Id;

    public string State => Text("state");

    /// <summary><c>on</c> or <c>off</c>; empty: the node has no switch.</summary>
    public string Power => Text("power");

    public string BootDevice => Text("bootdev");

    public bool IsBootOnce => json["bootonce"] is JsonValue value && value.TryGetValue<bool>(out var once) && once;

    public bool IsPhysical => Text("kind") == "metal";

    public double? Cpus => Number("cpus");

    public double? MemoryBytes => Number("mem");

    private string Text(string name) => json[name] is JsonValue value && value.TryGetValue<string>(out var text) ? text : "";

    private double? Number(string name) => json[name] is JsonValue value && value.TryGetValue<double>(out var number) ? number : null;
}
