using System.CommandLine;

namespace Pewter.CommandLine.Commands;

/// <summary><c>pewter net connect</c>: gives a card a port and an address on a network.</summary>
internal sealed class NetworkConnectCommand : NetworkControlCommand
{
    private readonly Argument<string> _card = NetworkArguments.Card();
    private readonly Argument<string> _network = NetworkArguments.Network();
    private readonly Option<string?> _channel = new(
        "--channel") { Description = "vlan/native, or vlan/N for frames with that tag", HelpName = "CHANNEL" };
    private readonly Option<string?> _mac = new("--mac") { Description = "The card's hardware address" };
    private readonly Option<string?> _kind = new("--kind") { Description = "What the port is: tap or veth" };
    private readonly Option<string?> _address = new("--address") { Description = "The address that it gets" };
    private readonly Option<bool> _noWait = new("--no-wait") { Description = "Return when it is accepted; /net/action/ID/wait tells the end" };

    public NetworkConnectCommand(CommandHost host)
        : base(host, "connect", "Connect a node's card to a network")
    {
        Add(_card);
        Add(_network);
        foreach (var option in (Option[])[_channel, _mac, _kind, _address, _noWait])
        {
            Add(option);
        }
    }

    protected override (string Network, IReadOnlyList<string> Words) Line(CommandContext context)
    {
        var words = new List<string> { "connect", context.Value(_card)! };
        foreach (var (key, value) in (ReadOnlySpan<(string, string?)>)
            [("channel", context.Value(_channel)), ("mac", context.Value(_mac)), ("kind", context.Value(_kind)), ("address", context.Value(_address)),
            ("wait", context.Value(_noWait) ? "no" : null)])
        {
            if (value is not null)
            {
                words.Add($"{key}={value}");
            }
        }

        return (context.Value(_network)!, words);
    }
}
