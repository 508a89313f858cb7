using System.Globalization;
using System.Text.Json.Serialization;

namespace Pewter.Machines.Metal;

/// <summary>What is durable about a physical machine; the secret of its controller is kept apart. Immutable; a change is a new one.</summary>
internal sealed record MetalRecord
{
    /// <summary>What ids begin with.</summary>
    public const string Prefix = "m";

    /// <summary>Its number, never given again.</summary>
    public required long Number { get; init; }

    /// <summary>Its name.</summary>
    public required string Name { get; init; }

    /// <summary>The address of its controller.</summary>
    public required string Bmc { get; init; }

    /// <summary>The hardware addresses of its network cards, in their order.</summary>
    public IReadOnlyList<string> Macs { get; init; } = [];

    /// <summary>What its cards' cables end in: <c>wire</c>, a switch elsewhere, or <c>tap</c>, for an emulated machine on this one.</summary>
    public string Cable { get; init; } = "wire";

    /// <summary>One of <see cref="MetalStates"/>.</summary>
    public string State { get; init; } = MetalStates.Enrolled;

    /// <summary>Why it is broken.</summary>
    public string? Cause { get; init; }

    /// <summary>The node that is made of it.</summary>
    public string? Node { get; init; }

    /// <summary>What its controller says it is.</summary>
    public string? Maker { get; init; }

    /// <summary>The model.</summary>
    public string? Model { get; init; }

    /// <summary>The serial number.</summary>
    public string? Serial { get; init; }

    /// <summary>The UUID of the system.</summary>
    public string? Uuid { get; init; }

    /// <summary>Processors, as told or as the controller says.</summary>
    public double? Cpus { get; init; }

    /// <summary>Bytes of memory, as told or as the controller says.</summary>
    public long? MemoryBytes { get; init; }

    /// <summary>Its id: <c>m3</c>.</summary>
    [JsonIgnore]
    public string Id => string.Create(CultureInfo.InvariantCulture, $"{Prefix}{Number}");
}
