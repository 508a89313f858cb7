namespace Pewter.Mail;

/// <summary>One event of a subscription.</summary>
/// <param name="Kind">What.</param>
/// <param name="Target">The name as its owner has bound it.</param>
/// <param name="Port">The mailbox; where one event is for several, the one that made it.</param>
public readonly record struct NameEvent(NameEventKind Kind, MailTarget Target, PortAddress Port);
