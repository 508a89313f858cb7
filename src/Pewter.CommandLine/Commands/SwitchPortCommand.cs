using System.CommandLine;
using Pewter.CommandLine.Trees;

namespace Pewter.CommandLine.Commands;

/// <summary><c>pewter switch port</c>: which card is at which port of a switch, and in which networks by which channels.</summary>
internal sealed class SwitchPortCommand : PewterCommand
{
    private readonly Argument<string> _switch = new("SWITCH") { Description = "A switch by id or name" };

    public SwitchPortCommand(CommandHost host)
        : base(host, "port", "Show the ports of a switch") => Add(_switch);

    protected override async ValueTask<int> RunAsync(CommandContext context)
    {
        var tree = await context.ConnectAsync();
        var path = TreePath.Child(TreePath.Child(NetworkArguments.Switches, context.Value(_switch)!), "ports");
        await context.Output.TextAsync(await tree.TextAsync(path, context.Cancellation), context.Cancellation);
        return ExitCode.Ok;
    }
}
