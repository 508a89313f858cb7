using System.CommandLine;
using Pewter.CommandLine.Output;
using Pewter.CommandLine.Trees;
using Pewter.Tree;

namespace Pewter.CommandLine.Commands;

/// <summary><c>pewter stat</c>: the attributes of files.</summary>
internal sealed class StatCommand : PewterCommand
{
    private readonly Argument<string[]> _paths = TreeArguments.Paths("Files of the tree", required: true);
    private readonly WatchLoop _watch = new();

    public StatCommand(CommandHost host)
        : base(host, "stat", "Show the attributes of files")
    {
        Add(_paths);
        Add(_watch.Option);
    }

    protected override async ValueTask<int> RunAsync(CommandContext context)
    {
        var tree = await context.ConnectAsync();
        return await _watch.RunAsync(context, output => PrintAsync(context, tree, output));
    }

    private async ValueTask<int> PrintAsync(CommandContext context, TreeClient tree, OutputWriter output)
    {
        var entries = new List<FoundFile>();
        foreach (var path in context.Value(_paths)!)
        {
            entries.Add(await tree.FindAsync(path, context.Cancellation, followLast: false));
        }

        await (entries.Count == 1
            ? output.OneAsync(FoundFileTable.Table, entries[0], context.Cancellation)
            : output.ListAsync(FoundFileTable.Table, entries, context.Cancellation));
        return ExitCode.Ok;
    }
}
