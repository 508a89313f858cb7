using System.Text.Json;

namespace Pewter.Sdk;

/// <summary>A node as it was told of. Immutable; the whole is in <see cref="Json"/>.</summary>
/// <param name="Path">Its directory: <c>/node/n3</c>, <c>/peer/b/node/n1</c>.</param>
/// <param name="Json">All that is told of it.</param>
public sealed record NodeInfo(string Path, JsonElement Json)
{
    /// <summary>Its id.</summary>
    public string Id => Path[(Path.LastIndexOf('/') + 1)..];

    /// <summary>The kind: <c>host</c>, <c>cell</c>, …</summary>
    public string Kind => Text("kind");

    /// <summary>The state; it can be used when it is <c>ready</c>.</summary>
    public string State => Text("state");

    /// <summary>CPUs that it may use; null when not known.</summary>
    public double? Cpus => Number("cpus");

    /// <summary>Bytes of memory that it may use; null when not known.</summary>
    public long? MemoryBytes => (long?)Number("mem");

    /// <summary>CPUs in use, on average; null when not known.</summary>
    public double? Load => Number("load");

    private string Text(string name) => Json.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString()! : "";

    private double? Number(string name) =>
        Json.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.Number ? value.GetDouble() : null;
}
