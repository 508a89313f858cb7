using System.CommandLine;
using System.Text;
using System.Text.Json;
using Pewter.CommandLine.Output;
using Pewter.CommandLine.Trees;
using Pewter.NineP;
using Pewter.Tree;

namespace Pewter.CommandLine.Commands;

/// <summary><c>pewter tree</c>: a directory and all below it.</summary>
internal sealed class TreeCommand : PewterCommand
{
    private const int DepthByDefault = 4;

    /// <summary>A query directory holds every question that can be asked: it is shown and not opened.</summary>
    private const string Endless = "query";

    private readonly Argument<string> _path = new("PATH") { Description = "Where to begin", DefaultValueFactory = _ => "/" };
    private readonly Option<int> _depth = new("--depth", "-L")
    {
        Description = "How many levels deep", DefaultValueFactory = _ => DepthByDefault, HelpName = "N",
    };
    private readonly Option<bool> _directories = new("--directories", "-d") { Description = "Only directories" };

    public TreeCommand(CommandHost host)
        : base(host, "tree", "Show a directory and all below it")
    {
        Add(_path);
        Add(_depth);
        Add(_directories);
    }

    protected override async ValueTask<int> RunAsync(CommandContext context)
    {
        var tree = await context.ConnectAsync();
        var entry = await tree.FindAsync(context.Value(_path)!, context.Cancellation);
        var node = await ReadAsync(context, tree, entry.Path, entry.Path, entry.IsDirectory, context.Value(_depth));
        switch (context.Output.Format)
        {
            case OutputFormat.Table:
                var text = new StringBuilder(node.Name + "\n");
                Draw(text, node, "");
                await context.Output.TextAsync(text.ToString(), context.Cancellation);
                break;
            case OutputFormat.Name:
                await context.Output.TextAsync(string.Concat(Flat(node).Select(child => child.Path + "\n")), context.Cancellation);
                break;
            default:
                await context.Output.DocumentAsync(json => Write(json, node), context.Cancellation);
                break;
        }

        return ExitCode.Ok;
    }

    private async ValueTask<Node> ReadAsync(CommandContext context, TreeClient tree, string path, string name, bool isDirectory, int depth)
    {
        var node = new Node(path, name, isDirectory, []);
        if (!isDirectory || depth <= 0)
        {
            return node;
        }

        try
        {
            var directory = await tree.FindAsync(path, context.Cancellation);
            foreach (var child in (await tree.NamesAsync(directory.File, context.Cancellation)).OrderBy(child => child.Name, NaturalOrder.Instance))
            {
                var isBelow = child.Qid.Type.HasFlag(QidType.Directory);
                if (isBelow || !context.Value(_directories))
                {
                    var below = child.Name == Endless ? 0 : depth - 1;
                    node.Children.Add(await ReadAsync(context, tree, TreePath.Child(path, child.Name), child.Marked(), isBelow, below));
                }
            }
        }
        catch (FileException exception) when (exception.Errno is Errno.EACCES or Errno.ENOENT)
        {
            // One closed or vanished directory does not hide the others.
            context.Complain(exception.Message);
        }

        return node;
    }

    private static void Draw(StringBuilder text, Node node, string indent)
    {
        for (var i = 0; i < node.Children.Count; i++)
        {
            var isLast = i == node.Children.Count - 1;
            text.Append(indent).Append(isLast ? "└── " : "├── ").Append(node.Children[i].Name).Append('\n');
            Draw(text, node.Children[i], indent + (isLast ? "    " : "│   "));
        }
    }

    private static IEnumerable<Node> Flat(Node node) => node.Children.SelectMany(Flat).Prepend(node);

    private static void Write(Utf8JsonWriter json, Node node)
    {
        json.WriteStartObject();
        json.WriteString("path", node.Path);
        json.WriteBoolean("directory", node.IsDirectory);
        if (node.IsDirectory)
        {
            json.WriteStartArray("children");
            foreach (var child in node.Children)
            {
                Write(json, child);
            }

            json.WriteEndArray();
        }

        json.WriteEndObject();
    }

    private sealed record Node(string Path, string Name, bool IsDirectory, List<Node> Children);
}
