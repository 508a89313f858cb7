using System.CommandLine;

namespace Pewter.CommandLine.Commands;

/// <summary><c>pewter kh rmnet NET</c>: releases all nodes of a network and removes it.</summary>
internal sealed class KittyhawkRemoveNetworkCommand : PewterCommand
{
    private readonly Argument<string> _network = new("NET") { Description = "The number of a network" };

    public KittyhawkRemoveNetworkCommand(CommandHost host)
        : base(host, "rmnet", "Release all nodes of a network and remove it") => Add(_network);

    protected override async ValueTask<int> RunAsync(CommandContext context)
    {
        var word = context.Value(_network)!;
        var id = NodeTable.Text(await Kittyhawk.ReadAsync(context, Kittyhawk.Network(word), "network", word), "id");
        await Kittyhawk.RemoveAsync(context, $"/net/{id}");
        await context.Output.TextAsync($"Network {Kittyhawk.Number(id)} removed\n", context.Cancellation);
        return ExitCode.Ok;
    }
}
