namespace Pewter.Mail;

/// <summary>What a frame between mailboxes is.</summary>
internal enum FrameKind : byte
{
    None = 0,

    /// <summary>A message.</summary>
    Data = 1,

    /// <summary>A message on its way back, from and to exchanged.</summary>
    Reject = 2,

    /// <summary>Asks for a stream; the sender's port is the caller's end.</summary>
    Connect = 3,

    /// <summary>Grants a stream; the sender's port is the server's end.</summary>
    Accept = 4,

    /// <summary>No more bytes come on the stream.</summary>
    Finish = 5,

    /// <summary>A member greets another of its group.</summary>
    Join = 6,

    /// <summary>A member leaves its group.</summary>
    Leave = 7,

    /// <summary>All up to a number were taken from a flow.</summary>
    Taken = 8,

    /// <summary>A frame is missing from a flow; those from a number on are to be sent again.</summary>
    Missing = 9,

    /// <summary>Nothing comes from the number in Request up to that in Sequence.</summary>
    Skip = 10,

    /// <summary>
    /// The sender has heard nothing of a flow for a while: what is its receiver's word on everything up to the number?
    /// </summary>
    Probe = 11,

    /// <summary>The sender has the message back that has this number, and its receiver may forget the refusal.</summary>
    Settled = 12,
}
