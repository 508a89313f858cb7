namespace Pewter.Mail;

/// <summary>What a mailbox was given.</summary>
public enum MessageKind
{
    /// <summary>A message.</summary>
    Data,

    /// <summary>A message of its own that came back; <see cref="MailMessage.Reason"/> says why.</summary>
    Rejected,

    /// <summary>Somebody wants a stream; see <see cref="Mailbox.Accept"/>.</summary>
    Connect,

    /// <summary>A member has joined the group; it comes before the member's first message.</summary>
    Joined,

    /// <summary>A member has left the group, or is lost; it comes after the member's last message.</summary>
    Left,

    /// <summary>The other end of a stream sends no more.</summary>
    Finished,

    /// <summary>A stream was granted.</summary>
    Accepted,
}
