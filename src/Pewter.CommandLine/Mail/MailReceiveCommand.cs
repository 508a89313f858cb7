using System.CommandLine;
using Pewter.NineP.Serving;

namespace Pewter.CommandLine.Mail;

/// <summary><c>pewter mail recv</c>: messages of a mailbox, as they come.</summary>
internal sealed class MailReceiveCommand : PewterCommand
{
    private const int MessageMax = 1 << 20;

    private readonly Argument<string> _name = new("MAILBOX") { Description = "A mailbox of /mail, by its name or id" };
    private readonly Option<int> _count = new("--count", "-n") { Description = "End after so many; 0 for none", HelpName = "N" };

    public MailReceiveCommand(CommandHost host)
        : base(host, "recv", "Receive messages")
    {
        Add(_name);
        Add(_count);
    }

    protected override async ValueTask<int> RunAsync(CommandContext context)
    {
        var tree = await context.ConnectAsync();
        await using var open = await tree.OpenAsync($"/mail/{context.Value(_name)}/out", OpenFlags.ReadOnly, context.Cancellation);
        var buffer = new byte[MessageMax];
        for (var i = 0; context.Value(_count) == 0 || i < context.Value(_count); i++)
        {
            var count = await open.ReadAsync(buffer, context.Cancellation);
            if (count == 0)
            {
                break;
            }

            await context.Output.BytesAsync(buffer.AsMemory(0, count), context.Cancellation);
        }

        return ExitCode.Ok;
    }
}
