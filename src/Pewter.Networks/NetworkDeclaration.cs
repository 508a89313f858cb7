using System.Globalization;
using System.Text;
using Pewter.Tree;

namespace Pewter.Networks;

/// <summary>What the tree shows of a network: fields, files, commands.</summary>
internal static class NetworkDeclaration
{
    public static ObjectKind<Network> For(NetworkTable table) => new()
    {
        Prefix = Network.Prefix,
        Fields = Fields(table),
        Commands = NetworkCommands.OfNetwork(table),
        States = NetworkStates.Model,
        Owner = network => network.Record.Owner,
        Files = (directory, network) => AddFiles(table, directory, network),
        Create = table.CloneAsync,
        CollectionCtlMode = UnixMode.Octal(666),
        CollectionFiles = [new("action", table.Ports.Actions), new("switch", table.Switches.Collection)],
        IsBusy = network => table.Book.PortsIn(network.Number).Count > 0,
        PersistenceChanged = async (network, persistent, _) => await table.ChangeAsync(network, record => record with { IsPersistent = persistent }),
        Reap = async (network, _) => await table.RemoveAsync(network, "nobody needs it any more"),
    };

    private static Fields<Network> Fields(NetworkTable table) => new Fields<Network>()
        .Text("cidr", network => network.Record.Cidr)
        .Text("gateway", network => network.Record.Gateway)
        .Text("range", network => network.Record.Range)
        .Text("prefix6", network => network.Record.Prefix6 + "/64")
        .Text("domain", network => network.Record.Domain)
        .Int("members", network => table.Book.PortsIn(network.Number).Count)
        .Int("pending", network => table.Book.PendingIn(network.Number) is > 0 and var count ? count : null)
        .Text("switch", network => network.Record.Switch, indexed: true)
        .Int("vlan", network => network.Record.Vlan)
        .Text("qinq", network => network.Record.IsTunnel ? "yes" : null)
        .Int("vni", network => network.Record.Vni)
        .Text("local", network => network.Record.Local)
        .Text("remotes", network => Joined(network.Record.Remotes))
        .Text("access", network => Joined(network.Record.Access))
        .Text("forward", network => Joined(network.Record.Forward))
        .Text("netns", network => table.Place.NamespacePath(network.Record))
        .Text("cause", network => network.Record.Cause)
        .Time("created", network => network.Record.Created)
        .Time("lease", network => network.Record.LeaseEnd)
        .Flag("persistent", network => network.Record.IsPersistent);

    private static void AddFiles(NetworkTable table, TreeDirectory directory, Network network)
    {
        directory.Add("members", new TextFile(() => Members(table, network)));
        directory.Add("boot", new BootDirectory(table, network) { OwnedBy = network.Record.Owner });
        directory.Add("leases", new TextFile(() => table.Leases(network)));
        directory.Add("log", new TextFile(() => table.Log(network)));
    }

    private static string Members(NetworkTable table, Network network)
    {
        var text = new StringBuilder();
        foreach (var port in table.Book.PortsIn(network.Number))
        {
            var channel = port.In(network.Number)!;
            text.Append(CultureInfo.InvariantCulture,
                $"node={port.Node} nic={port.Card}{(channel.Name is null ? "" : $" name={channel.Name}")} mac={port.Mac}")
                .Append(CultureInfo.InvariantCulture,
                    $" address={channel.Address} channel={channel.Channel} kind={port.Kind} port={port.Interface}\n");
        }

        return text.ToString();
    }

    private static string? Joined(IReadOnlyList<string> words) => words.Count == 0 ? null : string.Join(',', words);
}
