using System.CommandLine;

namespace Pewter.CommandLine.Commands;

/// <summary><c>pewter net disconnect</c>: takes a card off a network; one that is not on it is no error.</summary>
internal sealed class NetworkDisconnectCommand : NetworkControlCommand
{
    private readonly Argument<string> _card = NetworkArguments.Card();
    private readonly Argument<string> _network = NetworkArguments.Network();
    private readonly Option<bool> _force = new("--force") { Description = "Also where the switch does not answer; it is put right when it does" };
    private readonly Option<bool> _noWait = new("--no-wait") { Description = "Return when it is accepted; /net/action/ID/wait tells the end" };

    public NetworkDisconnectCommand(CommandHost host)
        : base(host, "disconnect", "Take a node's card off a network")
    {
        Add(_card);
        Add(_network);
        Add(_force);
        Add(_noWait);
    }

    protected override (string Network, IReadOnlyList<string> Words) Line(CommandContext context)
    {
        var words = new List<string> { "disconnect", context.Value(_card)! };
        if (context.Value(_force))
        {
            words.Add("force=yes");
        }

        if (context.Value(_noWait))
        {
            words.Add("wait=no");
        }

        return (context.Value(_network)!, words);
    }
}
