using System.CommandLine;
using System.Text.Json;
using Pewter.CommandLine.Output;
using Pewter.CommandLine.Trees;
using Pewter.Tree;

namespace Pewter.CommandLine.Commands;

/// <summary><c>pewter node list</c>: the nodes, or those for which conditions hold.</summary>
internal sealed class NodeListCommand : PewterCommand
{
    private readonly Argument<string[]> _conditions = new("CONDITION")
    {
        Description = "Only nodes for which all hold, such as state=ready, mem>=4G, or a label", Arity = ArgumentArity.ZeroOrMore,
    };

    private readonly WatchLoop _watch = new();

    public NodeListCommand(CommandHost host)
        : base(host, "list", "List nodes")
    {
        Aliases.Add("ls");
        Add(_conditions);
        Add(_watch.Option);
    }

    protected override async ValueTask<int> RunAsync(CommandContext context)
    {
        var tree = await context.ConnectAsync();
        return await _watch.RunAsync(context, output => PrintAsync(context, tree, output));
    }

    private async ValueTask<int> PrintAsync(CommandContext context, TreeClient tree, OutputWriter output)
    {
        var path = NodeArguments.Path(context.Value(_conditions) ?? []);
        using var nodes = JsonDocument.Parse(await tree.TextAsync(TreePath.Child(path, "json"), context.Cancellation));
        await (output.Format is OutputFormat.Json or OutputFormat.Yaml
            ? output.DocumentAsync(nodes.RootElement.WriteTo, context.Cancellation)
            : output.ListAsync(NodeTable.Of(context.Host.Time), nodes.RootElement.EnumerateArray(), context.Cancellation));
        return ExitCode.Ok;
    }
}
