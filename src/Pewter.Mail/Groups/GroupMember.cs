namespace Pewter.Mail;

/// <summary>A member of a group as another sees it.</summary>
/// <param name="Port">Its mailbox.</param>
/// <param name="Member">Its number, which several may have.</param>
public readonly record struct GroupMember(PortAddress Port, uint Member);
