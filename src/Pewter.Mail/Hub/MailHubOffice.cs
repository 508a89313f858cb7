namespace Pewter.Mail;

/// <summary>A process as a hub tells of it.</summary>
/// <param name="Address">Its address.</param>
/// <param name="Tenant">Its name space.</param>
/// <param name="Process">Its process number, when it is of this node; else 0.</param>
/// <param name="IsLocal">Whether it is of this node.</param>
public readonly record struct MailHubOffice(PortAddress Address, string Tenant, int Process, bool IsLocal);
