namespace Pewter.Mail;

/// <summary>A name space lets another see some of its names, and exchange mail with it.</summary>
/// <param name="Owner">Whose names.</param>
/// <param name="Target">Which.</param>
/// <param name="Tenant">Who may see them.</param>
public readonly record struct MailGrant(string Owner, MailTarget Target, string Tenant);
