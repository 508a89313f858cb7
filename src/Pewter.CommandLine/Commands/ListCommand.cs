using System.CommandLine;
using Pewter.CommandLine.Output;
using Pewter.CommandLine.Trees;
using Pewter.Tree;

namespace Pewter.CommandLine.Commands;

/// <summary><c>pewter ls</c>: what is in a directory.</summary>
internal sealed class ListCommand : PewterCommand
{
    private readonly Argument<string[]> _paths = TreeArguments.Paths("Directories or files; the root when none is given");
    private readonly Option<bool> _long = new("--long", "-l") { Description = "Modes, owners, sizes and times too" };
    private readonly Option<bool> _directory = new("--directory", "-d") { Description = "A directory itself, not what is in it" };
    private readonly WatchLoop _watch = new();

    public ListCommand(CommandHost host)
        : base(host, "ls", "List files of the tree")
    {
        Add(_paths);
        Add(_long);
        Add(_directory);
        Add(_watch.Option);
    }

    protected override async ValueTask<int> RunAsync(CommandContext context)
    {
        var tree = await context.ConnectAsync();
        return await _watch.RunAsync(context, output => PrintAsync(context, tree, output));
    }

    private async ValueTask<int> PrintAsync(CommandContext context, TreeClient tree, OutputWriter output)
    {
        var paths = context.Value(_paths) is { Length: > 0 } given ? given : ["/"];
        var needsStat = context.Value(_long) || output.Format is OutputFormat.Json or OutputFormat.Yaml;
        var entries = new List<FoundFile>();
        foreach (var path in paths)
        {
            var entry = await tree.FindAsync(path, context.Cancellation);
            if (!entry.IsDirectory || context.Value(_directory))
            {
                entries.Add(entry with { Path = path });
            }
            else if (needsStat)
            {
                entries.AddRange(await tree.ListAsync(entry, context.Cancellation));
            }
            else
            {
                await PrintNamesAsync(context, tree, output, entry, paths.Length > 1);
            }
        }

        if (needsStat)
        {
            await output.ListAsync(FoundFileTable.Table, entries, context.Cancellation);
        }
        else
        {
            await output.TextAsync(string.Concat(entries.Select(entry => entry.Path + "\n")), context.Cancellation);
        }

        return ExitCode.Ok;
    }

    private static async ValueTask PrintNamesAsync(
        CommandContext context, TreeClient tree, OutputWriter output, FoundFile directory, bool withHeading)
    {
        var names = (await tree.NamesAsync(directory.File, context.Cancellation)).OrderBy(name => name.Name, NaturalOrder.Instance);
        if (output.Format == OutputFormat.Name)
        {
            // Whole paths, so that they can be another command's arguments.
            await output.TextAsync(string.Concat(names.Select(name => TreePath.Child(directory.Path, name.Name) + "\n")), context.Cancellation);
            return;
        }

        var heading = withHeading ? $"{directory.Path}:\n" : "";
        await output.TextAsync(heading + NameColumns.Render([.. names], context.Host, context.Style), context.Cancellation);
    }
}
