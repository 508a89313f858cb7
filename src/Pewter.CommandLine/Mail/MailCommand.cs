using System.CommandLine;

namespace Pewter.CommandLine.Mail;

/// <summary><c>pewter mail</c>: mailboxes, by files or as a program of its own.</summary>
internal sealed class MailCommand : Command
{
    public MailCommand(CommandHost host)
        : base("mail", "Open mailboxes, send, receive, ask, and look at them")
    {
        Add(new MailListCommand(host));
        Add(new MailOpenCommand(host));
        Add(new MailSendCommand(host));
        Add(new MailReceiveCommand(host));
        Add(new MailRequestCommand(host));
        Add(new MailBenchCommand(host));
        var one = new Argument<string>("MAILBOX") { Description = "A mailbox; all when not given", DefaultValueFactory = _ => "" };
        Add(new Commands.EventsCommand(host, "/mail", one, "watch"));
    }
}
