using Pewter.Tree;

namespace Pewter.Networks.Switches;

/// <summary>All that must not be forgotten about a switch. Immutable.</summary>
internal sealed record SwitchRecord
{
    public const string Prefix = "sw";
    public const string Making = "making";
    public const string Ready = "ready";
    public const string Broken = "broken";

    public required long Number { get; init; }

    public required Owner Owner { get; init; }

    public required string Name { get; init; }

    /// <summary>What it is: <c>ovs</c>.</summary>
    public required string Driver { get; init; }

    /// <summary>The VLANs that networks get, such as <c>100-199,300</c>.</summary>
    public required string Vlans { get; init; }

    public required DateTimeOffset Created { get; init; }

    public string State { get; init; } = Making;

    public string? Cause { get; init; }

    [System.Text.Json.Serialization.JsonIgnore]
    public string Id => string.Create(System.Globalization.CultureInfo.InvariantCulture, $"{Prefix}{Number}");
}
