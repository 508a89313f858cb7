namespace Pewter.Mail;

/// <summary>How a mailbox is.</summary>
public sealed record MailboxOptions
{
    /// <summary>The default.</summary>
    public static MailboxOptions Default { get; } = new();

    /// <summary>
    /// Bytes that may wait in it, headers of 80 bytes included; for a more important message a multiple. 2 MiB, as a
    /// TIPC socket has.
    /// </summary>
    public int CapacityBytes { get; init; } = 2 << 20;

    /// <summary>What happens when it is full.</summary>
    public OverflowPolicy Overflow { get; init; } = OverflowPolicy.Reject;
}
