using System.CommandLine;
using System.Globalization;
using Pewter.CommandLine.Output;
using Pewter.CommandLine.Running;

namespace Pewter.CommandLine.Commands;

/// <summary><c>pewter push FILE…</c>: brings files to nodes ahead of a run; prints where each has them.</summary>
internal sealed class PushCommand : PewterCommand
{
    private static readonly Table<(string Node, string Path)> Places = new Table<(string Node, string Path)>(place => place.Node)
        .Text("node", place => place.Node).Text("path", place => place.Path);

    private readonly Argument<string[]> _files = new("FILE") { Description = "Files of this machine", Arity = ArgumentArity.OneOrMore };
    private readonly Option<string?> _on = new("--on") { Description = "To which nodes: a query such as kind=cell, or a node such as n3",
        HelpName = "QUERY" };

    public PushCommand(CommandHost host)
        : base(host, "push", "Bring files to many nodes, down the tree")
    {
        Add(_files);
        Add(_on);
    }

    protected override async ValueTask<int> RunAsync(CommandContext context)
    {
        var system = await context.SystemAsync();
        var nodes = (await system.Nodes.ListAsync(SpawnOptions.QueryOf(context.Value(_on)), context.Cancellation)).Where(node =>
            node.State == "ready").ToList();
        if (nodes.Count == 0)
        {
            throw new CommandException($"no ready node is there for '{context.Value(_on)}'; see 'pewter node list'.");
        }

        var begin = context.Host.Time.GetTimestamp();
        var pushed = await system.Files.PushAsync(context.Value(_files)!, context.Cancellation);
        var places = await system.Files.SendAsync(pushed, nodes.Select(node => node.Path), context.Cancellation);
        var rows = nodes.Select(node => (node.Path, places[node.Path])).OrderBy(place => place.Path, NaturalOrder.Instance);
        await context.Output.ListAsync(Places, rows, context.Cancellation);
        var took = context.Host.Time.GetElapsedTime(begin).TotalMilliseconds;
        context.Say(string.Create(
            CultureInfo.InvariantCulture,
            $"{Bytes.Text(pushed.Bytes)} to {nodes.Count} nodes in {took:0} ms, {Bytes.Text(pushed.UploadedBytes)} of it uploaded"));
        return ExitCode.Ok;
    }
}
