using System.CommandLine;

namespace Pewter.CommandLine.Mail;

/// <summary><c>pewter mail send</c>: a message to a name, a service or a mailbox.</summary>
internal sealed class MailSendCommand : PewterCommand
{
    private readonly Argument<string> _target = new("TARGET") { Description = "A name, {type,instance}, name@{type,instance} or node:office:port" };
    private readonly Argument<string[]> _words = new("TEXT") { Description = "The message", Arity = ArgumentArity.OneOrMore };

    public MailSendCommand(CommandHost host)
        : base(host, "send", "Send a message")
    {
        Add(_target);
        Add(_words);
    }

    protected override async ValueTask<int> RunAsync(CommandContext context)
    {
        var tree = await context.ConnectAsync();
        await tree.CommandAsync("/mail/ctl", ["send", context.Value(_target)!, .. context.Value(_words)!], context.Cancellation);
        return ExitCode.Ok;
    }
}
