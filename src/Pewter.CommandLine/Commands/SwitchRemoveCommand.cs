using System.CommandLine;
using Pewter.CommandLine.Trees;

namespace Pewter.CommandLine.Commands;

/// <summary><c>pewter switch rm</c>: ends a switch that no network is of.</summary>
internal sealed class SwitchRemoveCommand : PewterCommand
{
    private readonly Argument<string> _switch = new("SWITCH") { Description = "A switch by id or name" };

    public SwitchRemoveCommand(CommandHost host)
        : base(host, "rm", "End a switch; refused while a network is of it") => Add(_switch);

    protected override async ValueTask<int> RunAsync(CommandContext context)
    {
        var replies = await TreeControl.SendAsync(context, [TreePath.Child(NetworkArguments.Switches, context.Value(_switch)!)], ["rm"]);
        await context.Output.TextAsync(string.Concat(replies.Where(reply => reply.IsOk).Select(reply => reply.Target + "\n")), context.Cancellation);
        return TreeControl.Report(context, replies);
    }
}
