using System.CommandLine;

namespace Pewter.CommandLine.Mail;

/// <summary><c>pewter mail open</c>: a mailbox of files that stays.</summary>
internal sealed class MailOpenCommand : PewterCommand
{
    private readonly Argument<string> _name = new("NAME") { Description = "Its name" };
    private readonly Argument<string[]> _targets = new("TARGET") { Description = "Numbers as well: {8080,1}", Arity = ArgumentArity.ZeroOrMore };
    private readonly Option<bool> _durable = new("--durable") { Description = "Its messages outlive the daemon and the machine" };

    public MailOpenCommand(CommandHost host)
        : base(host, "open", "Open a mailbox under a name: /mail/NAME/in and out")
    {
        Add(_name);
        Add(_targets);
        Add(_durable);
    }

    protected override async ValueTask<int> RunAsync(CommandContext context)
    {
        var tree = await context.ConnectAsync();
        var name = context.Value(_name)!;
        await tree.CommandAsync("/mail/ctl", ["open", name, .. context.Value(_targets) ?? []], context.Cancellation);
        if (context.Value(_durable))
        {
            await tree.CommandAsync($"/mail/{name}/ctl", ["durable"], context.Cancellation);
        }

        await context.Output.TextAsync($"/mail/{name}\n", context.Cancellation);
        return ExitCode.Ok;
    }
}
