using Pewter.Mail;
using Pewter.Tree;

namespace Pewter.Messaging.Boxes;

/// <summary>
/// A mailbox as an object of <c>/mail</c>: one of this service, which files read, or one that a program of this machine
/// has bound to a symbolic name, to which files only write.
/// </summary>
internal sealed class Box(BoxRecord record, Mailbox? mailbox, MailTarget target) : IDisposable
{
    /// <summary>Readers of <c>out</c>, one at a time.</summary>
    internal SemaphoreSlim Reading { get; } = new(1, 1);

    internal BoxRecord Record { get; set; } = record;

    internal Mailbox? Mailbox => mailbox;

    /// <summary>What a write to <c>in</c> is sent to.</summary>
    internal MailTarget Target => target;

    internal Owner Owner => new(Record.User, Record.Group, Record.Uid, Record.Gid);

    internal string Tenant => Record.Group;

    /// <summary>The messages of a durable mailbox.</summary>
    internal IDurableQueue? Durable { get; set; }

    internal Task Keeping { get; set; } = Task.CompletedTask;

    internal bool IsPersistent { get; set; }

    public void Dispose()
    {
        mailbox?.Dispose();
        Durable?.Close();
    }
}
