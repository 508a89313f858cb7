using System.CommandLine;

namespace Pewter.CommandLine.Commands;

/// <summary><c>pewter net rm</c>: removes a network that nothing is in.</summary>
internal sealed class NetworkRemoveCommand : NetworkControlCommand
{
    private readonly Argument<string> _network = NetworkArguments.Network();

    public NetworkRemoveCommand(CommandHost host)
        : base(host, "rm", "Remove a network; refused while something is in it") => Add(_network);

    protected override (string Network, IReadOnlyList<string> Words) Line(CommandContext context) => (context.Value(_network)!, ["rm"]);
}
