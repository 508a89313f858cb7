using System.CommandLine;

namespace Pewter.CommandLine.Commands;

/// <summary><c>pewter net</c>: isolated segments that nodes are connected to.</summary>
internal sealed class NetworkCommand : Command
{
    public NetworkCommand(CommandHost host)
        : base("net", "Make and remove isolated networks, and connect nodes to them")
    {
        Add(new NetworkCreateCommand(host));
        Add(new NetworkListCommand(host));
        Add(new NetworkShowCommand(host));
        Add(new NetworkConnectCommand(host));
        Add(new NetworkDisconnectCommand(host));
        Add(new NetworkRemoveCommand(host));
        Add(new EventsCommand(host, NetworkArguments.Root,
            new Argument<string>("NET") { Description = "A network; all of them when not given", DefaultValueFactory = _ => "" }));
    }
}
