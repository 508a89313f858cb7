namespace Pewter.Peers.Links;

/// <summary>
/// The states of a peer: connecting → up ⇄ unreachable → gone; a peer that comes back in time goes from unreachable to connecting.
/// </summary>
internal static class PeerState
{
    public const string Connecting = "connecting";
    public const string Up = "up";
    public const string Unreachable = "unreachable";
    public const string Gone = "gone";

    public static IReadOnlyList<string> All { get; } = [Connecting, Up, Unreachable, Gone];
}
