using Pewter.Linux;

namespace Pewter.Mail;

// Streams and groups.
public sealed partial class Mailbox
{
    /// <summary>Joins a group; the mailbox is a member until it leaves or is closed.</summary>
    /// <param name="group">The group: a type, as a service has.</param>
    /// <param name="member">The own number in it.</param>
    /// <param name="scope">How far the group reaches.</param>
    /// <param name="cancellation">Gives up.</param>
    /// <exception cref="MailException">EBUSY: it is in a group already.</exception>
    public ValueTask<MailGroup> JoinAsync(uint group, uint member, MailScope scope = MailScope.Cluster, CancellationToken cancellation = default) =>
        MailGroup.JoinAsync(this, group, member, scope, cancellation);

    /// <summary>Asks the owner of a name for a stream: bytes in order, both ways, with flow control.</summary>
    /// <param name="to">Whom.</param>
    /// <param name="deadline">How long it may take; 8 s as TIPC has it.</param>
    /// <param name="cancellation">Gives up.</param>
    /// <exception cref="MailException">ETIMEDOUT, or a rejection.</exception>
    public ValueTask<MailStream> ConnectAsync(MailTarget to, TimeSpan? deadline = null, CancellationToken cancellation = default) =>
        MailStream.ConnectAsync(_office, to, deadline ?? TimeSpan.FromSeconds(8), cancellation);

    /// <summary>Grants the stream that a message of the kind <see cref="MessageKind.Connect"/> asks for.</summary>
    /// <exception cref="MailException">EINVAL: the message asks for none.</exception>
    public MailStream Accept(in MailMessage message) => message.Kind == MessageKind.Connect
        ? MailStream.Accept(_office, message)
        : throw new MailException(LinuxErrno.EINVAL, "Only a message of the kind Connect asks for a stream.");

    internal void LeaveGroup(MailGroup group)
    {
        Detach(group);
        NameBinding? binding;
        lock (_queue)
        {
            binding = _bindings?.Find(bound => bound.IsGroup);
            _ = binding is not null && _bindings!.Remove(binding);
        }

        if (binding is not null)
        {
            _office.Unbind(binding);
        }
    }
}
