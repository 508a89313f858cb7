using System.CommandLine;
using System.Text;
using Pewter.Mail;
using Pewter.NineP;
using Pewter.Sdk;

namespace Pewter.CommandLine.Mail;

/// <summary>
/// <c>pewter mail request</c>: asks, and prints the answer. It is a program of its own at the machine's hub.
/// </summary>
internal sealed class MailRequestCommand : PewterCommand
{
    private static readonly TimeSpan Deadline = TimeSpan.FromSeconds(10);

    private readonly Argument<string> _target = new("TARGET") { Description = "Whom to ask" };
    private readonly Argument<string[]> _words = new("TEXT") { Description = "The request", Arity = ArgumentArity.OneOrMore };

    public MailRequestCommand(CommandHost host)
        : base(host, "request", "Send a request and print the answer, within 10 s or --timeout")
    {
        Add(_target);
        Add(_words);
    }

    protected override async ValueTask<int> RunAsync(CommandContext context)
    {
        try
        {
            await using var office = await PewterMail.AttachAsync(PewterMail.SocketBeside(context.Endpoint), null, context.Cancellation);
            var body = Encoding.UTF8.GetBytes(string.Join(' ', context.Value(_words)!));
            var answer = await office.Open().RequestAsync(
                MailTarget.Parse(context.Value(_target)!), body, Deadline, cancellation: context.Cancellation);
            await context.Output.BytesAsync(answer.Body, context.Cancellation);
            return ExitCode.Ok;
        }
        catch (MailException refused)
        {
            throw new FileException((Errno)refused.Errno, refused.Message);
        }
    }
}
