using System.CommandLine;
using System.Text.Json;
using Pewter.CommandLine.Output;
using Pewter.CommandLine.Trees;

namespace Pewter.CommandLine.Storage;

/// <summary><c>pewter image show</c>, <c>pewter disk show</c>: all that there is to say about one.</summary>
internal sealed class StoredShowCommand : PewterCommand
{
    private readonly StoredObject _kind;
    private readonly Argument<string> _object;

    public StoredShowCommand(CommandHost host, StoredObject kind)
        : base(host, "show", $"Show all there is to say about one {kind.Noun}")
    {
        (_kind, _object) = (kind, kind.One());
        Add(_object);
    }

    protected override async ValueTask<int> RunAsync(CommandContext context)
    {
        var tree = await context.ConnectAsync();
        var path = _kind.Path(context.Value(_object)!);
        using var one = JsonDocument.Parse(await tree.TextAsync(TreePath.Child(path, "json"), context.Cancellation));
        if (context.Output.Format != OutputFormat.Table)
        {
            await (context.Output.Format == OutputFormat.Name
                ? context.Output.TextAsync(one.RootElement.GetProperty("path") + "\n", context.Cancellation)
                : context.Output.DocumentAsync(one.RootElement.WriteTo, context.Cancellation));
            return ExitCode.Ok;
        }

        // Whatever fields it has, in their own order: what is new in the daemon shows without a new command line.
        var table = new Table<JsonElement>(each => each.GetProperty("path").GetString()!);
        foreach (var member in one.RootElement.EnumerateObject())
        {
            table.Text(member.Name, each => StorageText.Value(each, member.Name));
        }

        await context.Output.OneAsync(table, one.RootElement, context.Cancellation);
        return ExitCode.Ok;
    }
}
