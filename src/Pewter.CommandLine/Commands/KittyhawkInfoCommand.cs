using System.Text.Json;
using Pewter.CommandLine.Trees;

namespace Pewter.CommandLine.Commands;

/// <summary><c>pewter kh info</c>: a line a network: its user, its number, how many nodes it has.</summary>
internal sealed class KittyhawkInfoCommand(CommandHost host) : PewterCommand(host, "info", "List networks: user, number, nodes")
{
    protected override async ValueTask<int> RunAsync(CommandContext context)
    {
        var tree = await context.ConnectAsync();
        using var networks = JsonDocument.Parse(await tree.TextAsync("/net/json", context.Cancellation));
        foreach (var network in networks.RootElement.EnumerateArray())
        {
            var id = NodeTable.Text(network, "id");
            var nodes = (await Kittyhawk.MembersAsync(context, $"/net/{id}")).Select(member => member["node"]).Distinct().Count();
            await context.Output.TextAsync($"{NodeTable.Text(network, "user")} {Kittyhawk.Number(id)} {nodes}\n", context.Cancellation);
        }

        return ExitCode.Ok;
    }
}
