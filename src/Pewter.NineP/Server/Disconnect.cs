namespace Pewter.NineP.Server;

/// <summary>How a served connection ended.</summary>
/// <param name="Reason">The kind of end.</param>
/// <param name="Detail">A sentence for the log.</param>
public sealed record Disconnect(DisconnectReason Reason, string Detail);

/// <summary>Kinds of <see cref="Disconnect"/>.</summary>
public enum DisconnectReason
{
    /// <summary>The peer closed the connection or is gone.</summary>
    PeerClosed,

    /// <summary>The server was told to stop.</summary>
    Stopped,

    /// <summary>The peer broke the protocol.</summary>
    ProtocolError,

    /// <summary>No Tversion came in time.</summary>
    Idle,

    /// <summary>The peer left its replies unread for too long.</summary>
    Stalled,
}
