using System.CommandLine;
using System.Text.Json;
using Pewter.CommandLine.Commands;
using Pewter.CommandLine.Output;

namespace Pewter.CommandLine.Mail;

/// <summary><c>pewter name ls</c>: the names that are bound, or those for which conditions hold.</summary>
internal sealed class NameListCommand : PewterCommand
{
    private static readonly Table<JsonElement> Table = new Table<JsonElement>(name => NodeTable.Text(name, "target"))
        .Text("target", name => NodeTable.Text(name, "target"))
        .Text("port", name => NodeTable.Text(name, "port"))
        .Text("scope", name => NodeTable.Text(name, "scope"))
        .Text("where", name => NodeTable.Text(name, "where"))
        .Text("pid", name => NodeTable.Text(name, "pid"))
        .Text("tenant", name => NodeTable.Text(name, "tenant"));

    private readonly Argument<string[]> _conditions = new("CONDITION")
    {
        Description = "Only names for which all hold, such as type=8080 or service=printer", Arity = ArgumentArity.ZeroOrMore,
    };

    public NameListCommand(CommandHost host)
        : base(host, "list", "List names")
    {
        Aliases.Add("ls");
        Add(_conditions);
    }

    protected override ValueTask<int> RunAsync(CommandContext context) =>
        MailListCommand.PrintAsync(context, "/name", context.Value(_conditions) ?? [], Table);
}
