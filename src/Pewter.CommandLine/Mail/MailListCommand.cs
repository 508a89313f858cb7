using System.CommandLine;
using System.Text.Json;
using Pewter.CommandLine.Commands;
using Pewter.CommandLine.Output;
using Pewter.CommandLine.Trees;

namespace Pewter.CommandLine.Mail;

/// <summary><c>pewter mail ls</c>: the mailboxes of this machine that have a name or are files.</summary>
internal sealed class MailListCommand : PewterCommand
{
    private static readonly Table<JsonElement> Table = new Table<JsonElement>(box => NodeTable.Text(box, "path"))
        .Text("mailbox", box => NodeTable.Text(box, "path"))
        .Text("name", box => NodeTable.Text(box, "name"))
        .Text("kind", box => NodeTable.Text(box, "kind"))
        .Text("bound", box => NodeTable.Text(box, "bound"))
        .Text("waiting", box => NodeTable.Text(box, "waiting"))
        .Text("received", box => NodeTable.Text(box, "received"))
        .Text("transport", box => NodeTable.Text(box, "transport"))
        .Text("tenant", box => NodeTable.Text(box, "tenant"));

    private readonly Argument<string[]> _conditions = new("CONDITION")
    {
        Description = "Only mailboxes for which all hold, such as kind=durable or waiting>0", Arity = ArgumentArity.ZeroOrMore,
    };

    public MailListCommand(CommandHost host)
        : base(host, "list", "List mailboxes")
    {
        Aliases.Add("ls");
        Add(_conditions);
    }

    /// <summary>Prints the objects of a collection for which conditions hold.</summary>
    internal static async ValueTask<int> PrintAsync(CommandContext context, string collection, string[] conditions, Table<JsonElement> table)
    {
        var tree = await context.ConnectAsync();
        var path = conditions.Length == 0 ? collection : $"{collection}/query/{string.Join('/', conditions)}";
        using var found = JsonDocument.Parse(await tree.TextAsync(TreePath.Child(path, "json"), context.Cancellation));
        await (context.Output.Format is OutputFormat.Json or OutputFormat.Yaml
            ? context.Output.DocumentAsync(found.RootElement.WriteTo, context.Cancellation)
            : context.Output.ListAsync(table, found.RootElement.EnumerateArray(), context.Cancellation));
        return ExitCode.Ok;
    }

    protected override ValueTask<int> RunAsync(CommandContext context) => PrintAsync(context, "/mail", context.Value(_conditions) ?? [], Table);
}
