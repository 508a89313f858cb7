using System.Text.Json;
using Pewter.CommandLine.Output;
using Pewter.CommandLine.Trees;
using Pewter.Tree;

namespace Pewter.CommandLine.Commands;

/// <summary><c>pewter net list</c>: the networks that one may see.</summary>
internal sealed class NetworkListCommand : PewterCommand
{
    private readonly WatchLoop _watch = new();

    public NetworkListCommand(CommandHost host)
        : base(host, "list", "List networks")
    {
        Aliases.Add("ls");
        Add(_watch.Option);
    }

    protected override async ValueTask<int> RunAsync(CommandContext context)
    {
        var tree = await context.ConnectAsync();
        return await _watch.RunAsync(context, output => PrintAsync(context, tree, output));
    }

    private static async ValueTask<int> PrintAsync(CommandContext context, TreeClient tree, OutputWriter output)
    {
        using var networks = JsonDocument.Parse(await tree.TextAsync(TreePath.Child(NetworkArguments.Root, "json"), context.Cancellation));
        await (output.Format is OutputFormat.Json or OutputFormat.Yaml
            ? output.DocumentAsync(networks.RootElement.WriteTo, context.Cancellation)
            : output.ListAsync(NetworkTable.Table, networks.RootElement.EnumerateArray(), context.Cancellation));
        return ExitCode.Ok;
    }
}
