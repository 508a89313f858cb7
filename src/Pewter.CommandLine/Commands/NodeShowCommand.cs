using System.CommandLine;
using System.Text.Json;
using Pewter.CommandLine.Output;
using Pewter.CommandLine.Trees;

namespace Pewter.CommandLine.Commands;

/// <summary><c>pewter node show</c>: all there is to say about one node, with the phases of its allocation.</summary>
internal sealed class NodeShowCommand : PewterCommand
{
    private readonly Argument<string> _node = NodeArguments.Node();

    public NodeShowCommand(CommandHost host)
        : base(host, "show", "Show a node and how it came to be") => Add(_node);

    protected override async ValueTask<int> RunAsync(CommandContext context)
    {
        var tree = await context.ConnectAsync();
        var path = NodeArguments.Path(context.Value(_node)!);
        using var node = JsonDocument.Parse(await tree.TextAsync(TreePath.Child(path, "json"), context.Cancellation));
        if (context.Output.Format is OutputFormat.Json or OutputFormat.Yaml)
        {
            await context.Output.DocumentAsync(node.RootElement.WriteTo, context.Cancellation);
            return ExitCode.Ok;
        }

        await context.Output.OneAsync(NodeTable.Of(context.Host.Time), node.RootElement, context.Cancellation);
        if (context.Output.Format == OutputFormat.Table)
        {
            await context.Output.TextAsync("\n" + await tree.TextAsync(TreePath.Child(path, "boot"), context.Cancellation), context.Cancellation);
        }

        return ExitCode.Ok;
    }
}
