using Pewter.Mail;

namespace Pewter.Messaging.Names;

/// <summary>A name of a mailbox, as <c>/name</c> shows it. Immutable.</summary>
/// <param name="Number">Its number in the collection.</param>
/// <param name="Tenant">Its name space.</param>
/// <param name="Binding">The name and the mailbox.</param>
/// <param name="Process">The process, when it is of this machine.</param>
/// <param name="IsLocal">Whether it is of this machine.</param>
internal sealed record BoundName(long Number, string Tenant, NameBinding Binding, int Process, bool IsLocal) : NameEntry(Number, Tenant);
