using System.CommandLine;
using Pewter.CommandLine.Trees;

namespace Pewter.CommandLine.Commands;

/// <summary><c>pewter node boot-log</c>: the phases of a node's last start, and what was done.</summary>
internal sealed class NodeBootLogCommand : PewterCommand
{
    private readonly Argument<string> _node = NodeArguments.Node();

    public NodeBootLogCommand(CommandHost host)
        : base(host, "boot-log", "Show the phases of a node's start and what was done") => Add(_node);

    protected override async ValueTask<int> RunAsync(CommandContext context)
    {
        var tree = await context.ConnectAsync();
        var path = NodeArguments.Path(context.Value(_node)!);
        var boot = await tree.ReadTextAsync(TreePath.Child(path, "boot"), context.Cancellation);
        await context.Output.TextAsync(boot + await tree.ReadTextAsync(TreePath.Child(path, "log"), context.Cancellation), context.Cancellation);
        return ExitCode.Ok;
    }
}
