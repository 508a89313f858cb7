namespace Pewter.Networks.Ports;

/// <summary>A wish to connect a card, read and checked; whether it can be is <see cref="ConnectPolicy"/>'s to say.</summary>
/// <param name="Node">The node's id.</param>
/// <param name="Card">The card.</param>
internal sealed record ConnectRequest(string Node, string Card)
{
    public string Key => $"{Node}.{Card}";

    public string? Name { get; init; }

    public string Kind { get; init; } = PortKinds.Tap;

    public string Channel { get; init; } = PortChannel.Native;

    /// <summary>In its usual form; null: one of this machine's.</summary>
    public string? Mac { get; init; }

    /// <summary>The address asked for; null: any.</summary>
    public string? Address { get; init; }

    public int Queues { get; init; } = 1;
}
