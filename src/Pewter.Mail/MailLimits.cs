namespace Pewter.Mail;

/// <summary>Limits of an office of mailboxes, all of them.</summary>
public sealed record MailLimits
{
    /// <summary>The default.</summary>
    public static MailLimits Default { get; } = new();

    /// <summary>
    /// 4 MiB: what passes a ring's own area for large bodies with room for several; what is longer is a stream.
    /// </summary>
    public int MessageBytesMax { get; init; } = 4 << 20;

    /// <summary>1 Mi mailboxes a process: the ports' index has 20 bits.</summary>
    public int MailboxesMax { get; init; } = 1 << 20;

    /// <summary>
    /// Names and numbers one mailbox may be bound to: more than any service needs, so that a loop is noticed.
    /// </summary>
    public int BindingsMax { get; init; } = 4096;

    /// <summary>
    /// Bytes under way from this process to one mailbox of another and not yet taken there: 512 KiB keep a ring busy
    /// over any wake-up.
    /// </summary>
    public int WindowBytes { get; init; } = 512 << 10;

    /// <summary>
    /// Streams that wait for <see cref="Mailbox.Accept"/>, and whatever else a peer may begin without being asked.
    /// </summary>
    public int PendingMax { get; init; } = 1024;
}
