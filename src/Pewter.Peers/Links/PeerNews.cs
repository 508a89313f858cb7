namespace Pewter.Peers.Links;

/// <summary>What is known of a peer at a moment. Immutable; swapped whole.</summary>
/// <param name="State">One of <see cref="PeerState"/>.</param>
/// <param name="Hello">What it said when it joined last.</param>
/// <param name="Version">Its version.</param>
/// <param name="Height">Levels of peers below it.</param>
/// <param name="Since">When it came into this state.</param>
/// <param name="Error">Why it is not up; null when it is.</param>
internal sealed record PeerNews(string State, JoinHello Hello, string Version, int Height, DateTimeOffset Since, string? Error);
