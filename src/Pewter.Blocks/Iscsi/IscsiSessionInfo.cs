namespace Pewter.Blocks.Iscsi;

/// <summary>A session as an operator sees it.</summary>
/// <param name="Initiator">Initiator name.</param>
/// <param name="Target">Target name; null in discovery.</param>
/// <param name="Tsih">The target's handle of the session.</param>
/// <param name="Peers">Addresses of its connections.</param>
public sealed record IscsiSessionInfo(string Initiator, string? Target, int Tsih, IReadOnlyList<System.Net.IPEndPoint> Peers);
