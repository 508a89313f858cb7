namespace Pewter.Mail;

/// <summary>
/// What a full mailbox does with one message more. A reliable message is never dropped silently: it goes back as <see
/// cref="RejectReason.Overload"/>.
/// </summary>
public enum OverflowPolicy : byte
{
    /// <summary>The new one is refused.</summary>
    Reject = 0,

    /// <summary>Senders wait; those of other processes by their windows.</summary>
    Block = 1,

    /// <summary>The new one is dropped.</summary>
    DropNewest = 2,

    /// <summary>The oldest are dropped to make room.</summary>
    DropOldest = 3,
}
