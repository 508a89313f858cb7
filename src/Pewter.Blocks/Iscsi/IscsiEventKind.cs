namespace Pewter.Blocks.Iscsi;

/// <summary>What happened at an iSCSI server.</summary>
public enum IscsiEventKind
{
    /// <summary>A session began.</summary>
    LoggedIn,

    /// <summary>A session ended.</summary>
    LoggedOut,

    /// <summary>An initiator was not let in.</summary>
    LoginRefused,

    /// <summary>A peer broke the protocol and its connection was closed.</summary>
    ProtocolError,

    /// <summary>A connection was refused, because there are too many.</summary>
    TooManyConnections,
}
