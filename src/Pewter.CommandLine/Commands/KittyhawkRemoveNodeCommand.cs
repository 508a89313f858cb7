using System.CommandLine;
using Pewter.CommandLine.Trees;

namespace Pewter.CommandLine.Commands;

/// <summary><c>pewter kh rmnode NODE</c>: releases a node.</summary>
internal sealed class KittyhawkRemoveNodeCommand : PewterCommand
{
    private readonly Argument<string> _node = new("NODE") { Description = "The number of a node" };

    public KittyhawkRemoveNodeCommand(CommandHost host)
        : base(host, "rmnode", "Release a node") => Add(_node);

    protected override async ValueTask<int> RunAsync(CommandContext context)
    {
        var word = context.Value(_node)!;
        var node = NodeTable.Text(await Kittyhawk.ReadAsync(context, Kittyhawk.Node(word), "node", word), "id");
        var tree = await context.ConnectAsync();
        var network = (await tree.TextAsync("/net/json", context.Cancellation)) is var all
            && all.Length > 0 ? await FindAsync(context, all, node) : null;
        await Kittyhawk.TellAsync(context, $"/node/{node}", "release");
        await context.Output.TextAsync(
            network is null ? $"Error: no network for node #{Kittyhawk.Number(node)}\n"
                : $"Removed node {Kittyhawk.Number(node)} from network {network}\n",
            context.Cancellation);
        return ExitCode.Ok;
    }

    private static async ValueTask<string?> FindAsync(CommandContext context, string all, string node)
    {
        using var networks = System.Text.Json.JsonDocument.Parse(all);
        foreach (var id in networks.RootElement.EnumerateArray().Select(network => NodeTable.Text(network, "id")).ToList())
        {
            if ((await Kittyhawk.MembersAsync(context, $"/net/{id}")).Any(member => member["node"] == node))
            {
                return Kittyhawk.Number(id);
            }
        }

        return null;
    }
}
