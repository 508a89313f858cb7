using System.Text.Json;
using Pewter.CommandLine.Trees;

namespace Pewter.CommandLine.Commands;

/// <summary><c>pewter kh clean</c>: removes the caller's own networks with all their nodes.</summary>
internal sealed class KittyhawkCleanCommand(CommandHost host) : PewterCommand(host, "clean", "Remove your networks and their nodes")
{
    protected override async ValueTask<int> RunAsync(CommandContext context)
    {
        var tree = await context.ConnectAsync();
        using var networks = JsonDocument.Parse(await tree.TextAsync("/net/json", context.Cancellation));
        foreach (var network in networks.RootElement.EnumerateArray().Where(network => NodeTable.Text(network, "user") == tree.Caller.User))
        {
            await Kittyhawk.RemoveAsync(context, $"/net/{NodeTable.Text(network, "id")}");
        }

        await context.Output.TextAsync("All your networks and nodes have been removed.\n", context.Cancellation);
        return ExitCode.Ok;
    }
}
