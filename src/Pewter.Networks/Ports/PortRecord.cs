namespace Pewter.Networks.Ports;

/// <summary>A network card of a node, and the networks it is in: what is applied, not what is wished. Immutable.</summary>
internal sealed record PortRecord
{
    /// <summary>The number in the names of its interfaces.</summary>
    public required long Number { get; init; }

    /// <summary>The node's id.</summary>
    public required string Node { get; init; }

    /// <summary>The card's name on the node: <c>eth0</c>.</summary>
    public required string Card { get; init; }

    /// <summary><c>tap</c> or <c>veth</c>.</summary>
    public required string Kind { get; init; }

    public required string Mac { get; init; }

    /// <summary>How often a program may open its tap.</summary>
    public int Queues { get; init; } = 1;

    /// <summary>The switch that it is a port of; null: the bridge of its only network.</summary>
    public string? Switch { get; init; }

    /// <summary>The networks it is in.</summary>
    public IReadOnlyList<PortChannel> Channels { get; init; } = [];

    /// <summary>Card and node: <c>n12.eth0</c>.</summary>
    [System.Text.Json.Serialization.JsonIgnore]
    public string Key => $"{Node}.{Card}";

    /// <summary>The interface that its user takes: a tap, or the free end of a cable.</summary>
    [System.Text.Json.Serialization.JsonIgnore]
    public string Interface => Name('p');

    /// <summary>The interface that is plugged in: the tap itself, or the cable's other end.</summary>
    [System.Text.Json.Serialization.JsonIgnore]
    public string Plug => Kind == PortKinds.Tap ? Interface : Name('s');

    /// <summary>The channel by which it is in a network; null when it is not.</summary>
    public PortChannel? In(long network) => Channels.FirstOrDefault(channel => channel.Network == network);

    private string Name(char kind) => string.Create(System.Globalization.CultureInfo.InvariantCulture, $"{kind}{Number}");
}
