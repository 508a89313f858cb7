using System.CommandLine;
using System.Text.Json;
using Pewter.CommandLine.Output;
using Pewter.CommandLine.Trees;
using Pewter.Tree;

namespace Pewter.CommandLine.Storage;

/// <summary><c>pewter image list</c>, <c>pewter disk list</c>: all, or those for which conditions hold.</summary>
internal sealed class StoredListCommand : PewterCommand
{
    private readonly StoredObject _kind;
    private readonly Table<JsonElement> _table;
    private readonly WatchLoop _watch = new();
    private readonly Argument<string[]> _conditions = new("CONDITION")
    {
        Description = "Only those for which all hold, such as state=ready, size>=4G, or a tag", Arity = ArgumentArity.ZeroOrMore,
    };

    public StoredListCommand(CommandHost host, StoredObject kind, Table<JsonElement> table)
        : base(host, "list", $"List {kind.Noun}s")
    {
        (_kind, _table) = (kind, table);
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
        var conditions = context.Value(_conditions) ?? [];
        var path = conditions.Length == 0 ? _kind.Root : $"{_kind.Root}/query/{string.Join('/', conditions)}";
        using var all = JsonDocument.Parse(await tree.TextAsync(TreePath.Child(path, "json"), context.Cancellation));
        await (output.Format is OutputFormat.Json or OutputFormat.Yaml
            ? output.DocumentAsync(all.RootElement.WriteTo, context.Cancellation)
            : output.ListAsync(_table, all.RootElement.EnumerateArray(), context.Cancellation));
        return ExitCode.Ok;
    }
}
