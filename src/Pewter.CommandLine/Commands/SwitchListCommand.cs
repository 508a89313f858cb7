using System.Text.Json;
using Pewter.CommandLine.Output;
using Pewter.CommandLine.Trees;

namespace Pewter.CommandLine.Commands;

/// <summary><c>pewter switch list</c>: the switches.</summary>
internal sealed class SwitchListCommand : PewterCommand
{
    private static readonly Table<JsonElement> Table = new Table<JsonElement>(item => NodeTable.Text(item, "path"))
        .Text("switch", item => NodeTable.Text(item, "id"))
        .Text("name", item => NodeTable.Text(item, "name"))
        .Text("state", item => NodeTable.Text(item, "state"))
        .Text("driver", item => NodeTable.Text(item, "driver"))
        .Text("vlans", item => NodeTable.Text(item, "vlans"))
        .Text("ports", item => NodeTable.Text(item, "ports"))
        .Text("cause", item => NodeTable.Text(item, "cause"));

    public SwitchListCommand(CommandHost host)
        : base(host, "list", "List switches") => Aliases.Add("ls");

    protected override async ValueTask<int> RunAsync(CommandContext context)
    {
        var tree = await context.ConnectAsync();
        using var switches = JsonDocument.Parse(await tree.TextAsync(TreePath.Child(NetworkArguments.Switches, "json"), context.Cancellation));
        await (context.Output.Format is OutputFormat.Json or OutputFormat.Yaml
            ? context.Output.DocumentAsync(switches.RootElement.WriteTo, context.Cancellation)
            : context.Output.ListAsync(Table, switches.RootElement.EnumerateArray(), context.Cancellation));
        return ExitCode.Ok;
    }
}
