namespace Pewter.Mail;

/// <summary>One name of one mailbox, as the table of names has it.</summary>
/// <param name="Target">The name, the numbers and the scope.</param>
/// <param name="Port">The mailbox.</param>
/// <param name="Id">The number of the binding within the mailbox's process.</param>
public sealed record NameBinding(MailTarget Target, PortAddress Port, uint Id)
{
    /// <summary>Nobody else may be bound to what it matches.</summary>
    public bool IsExclusive { get; init; }

    /// <summary>It is a member of a group: the type is the group, the instance the member.</summary>
    public bool IsGroup { get; init; }

    internal (PortAddress, uint) Key => (Port, Id);
}
