namespace Pewter.Mail;

/// <summary>What has passed a mailbox.</summary>
/// <param name="Received">Messages that were put into it.</param>
/// <param name="Taken">Messages that its owner has taken.</param>
/// <param name="Dropped">Unreliable messages that were dropped because it was full.</param>
/// <param name="Rejected">Reliable messages that went back because it was full or closed.</param>
/// <param name="WaitingBytes">Bytes that wait in it, headers included.</param>
public readonly record struct MailboxCounters(long Received, long Taken, long Dropped, long Rejected, long WaitingBytes);
