namespace Pewter.Mail;

/// <summary>Why a message comes back, with TIPC's numbers (include/uapi/linux/tipc.h, TIPC_ERR_…).</summary>
public enum RejectReason : byte
{
    /// <summary>It does not.</summary>
    None = 0,

    /// <summary>Nobody is bound to the name.</summary>
    NoName = 1,

    /// <summary>The mailbox is closed.</summary>
    NoPort = 2,

    /// <summary>The process, the node or the way there is lost before the message was taken.</summary>
    NodeLost = 3,

    /// <summary>The receiver lives, and has no room.</summary>
    Overload = 4,

    /// <summary>The connection is over.</summary>
    ConnectionShut = 5,
}
