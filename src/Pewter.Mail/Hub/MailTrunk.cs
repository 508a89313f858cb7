namespace Pewter.Mail;

/// <summary>A trunk as a hub tells of it.</summary>
/// <param name="Name">Where it goes, for people.</param>
/// <param name="Kind">What it is.</param>
/// <param name="Silence">How long nothing has come by it.</param>
public readonly record struct MailTrunk(string Name, TrunkKind Kind, TimeSpan Silence);
