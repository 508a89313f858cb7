using System.Globalization;
using System.Text.Json;
using System.Text.RegularExpressions;
using Pewter.Hosting;
using Pewter.NineP;
using Pewter.Networks.Addresses;
using Pewter.Networks.Plane.Boot;
using Pewter.Networks.Ports;
using Pewter.Tree;

namespace Pewter.Networks;

/// <summary>The commands of <c>/net/ctl</c> and of a network's own ctl.</summary>
internal static partial class NetworkCommands
{
    // virtio-net takes 8 pairs at most here: more queues than processors serve nobody.
    private const int MostQueues = 8;

    private const string Create =
        "create [name=word] [cidr=word] [range=word] [gateway=word] [domain=word] [switch=word] [vlan=int] [qinq=yes|no] "
        + "[vni=int] [local=word] [remote=word] [forward=word] [lease=duration]";

    private const string Connect = "connect <nic> [mac=word] [kind=tap|veth|wire] [channel=word] [address=word] [queues=int] [wait=yes|no]";

    public static CommandSet<Collection<Network>> OfCollection(NetworkTable table) => new CommandSet<Collection<Network>>()
        .Add(Create, "Makes an isolated network; without cidr it gets a free range.", async (collection, call, cancellation) =>
        {
            var network = await Expect(
                table.CreateAsync(NetworkRequest.Read(call), collection.Next(call.Caller), show: true, cancellation), "No network was made");
            return CommandResult.Each([($"/net/{network.Id}", CommandResult.Json(json => Describe(json, table, network.Record)))]);
        });

    public static CommandSet<Network> OfNetwork(NetworkTable table) => new CommandSet<Network>()
        .Add(Connect, "Connects NODE.NIC, or NODE by its eth0: gives it a port and an address.", async (network, call, cancellation) =>
        {
            var request = await ReadAsync(table, network, call, cancellation);
            var action = await Expect(table.Ports.ConnectAsync(network, request), network.Record.Label);
            return await AnswerAsync(table, network, action, call, cancellation);
        })
        .Add("disconnect <nic> [force=yes|no] [wait=yes|no]", "Takes a port away; with force also from a switch that is dead.",
            async (network, call, cancellation) =>
        {
            var key = await KeyAsync(table, call, cancellation);
            var action = await Expect(table.Ports.DisconnectAsync(network, key, call.Word("force", "no") == "yes"), network.Record.Label);
            return action is null
                ? CommandResult.Of("state", ActionRecord.Done)
                : await AnswerAsync(table, network, action, call, cancellation);
        })
        .Add("boot <nic> [target...]",
            "Sets what a card's machine boots: 'kernel=FILE initrd=FILE cmdline=…', 'iscsi=NAME', 'local'; nothing unsets.",
            async (network, call, cancellation) =>
            {
                var word = call.Word("nic");
                var mac = word == BootPlan.Default ? word : Hardware.Normalise(word)
                    ?? table.Book.Port(await KeyAsync(table, call, cancellation))?.Mac
                    ?? throw new FileException(
                        Errno.ENOENT, $"{word} is not connected to {network.Record.Label}; connect it, or name its hardware address.");
                await BootDirectory.SetAsync(table, network, mac, RcQuoting.Join(call.Words("target")), call.Caller);
                return CommandResult.Of("mac", mac);
            })
        .Add("seed <nic> [directory=word]",
            "Tells a card's machine alone, at http://GATEWAY/seed/MAC/, the files of a directory of this machine; without one nothing any more.",
            async (network, call, cancellation) =>
            {
                if (!call.Caller.IsAdmin)
                {
                    throw new FileException(Errno.EPERM, "Only an administrator may serve files of this machine.");
                }

                var word = call.Word("nic");
                var mac = Hardware.Normalise(word) ?? table.Book.Port(await KeyAsync(table, call, cancellation))?.Mac
                    ?? throw new FileException(Errno.ENOENT, $"{word} is not connected to {network.Record.Label}.");
                await Expect(SeedAsync(table, network, mac, call.Word("directory", null)), network.Record.Label);
                return CommandResult.Of("url", $"http://{network.Record.Gateway}/seed/{mac}/");
            })
        .Add("rm", "Removes the network; refused while something is in it.", (network, _, _) =>
            new ValueTask(Expect(table.RemoveAsync(network, "asked for"), network.Record.Label)))
        .Add("lease <length>", "Renews the lease: the network is taken away after this time, or never.", async (network, call, _) =>
        {
            var end = LeaseEnd(table, call.Word("length"));
            await Expect(table.ChangeAsync(network, record => record with { LeaseEnd = end }), network.Record.Label);
            return end is { } time ? CommandResult.Of("lease", time.UtcDateTime.ToString("O", CultureInfo.InvariantCulture)) : CommandResult.None;
        })
        .Add("rename [name]", "Binds a name to the network; without a name unbinds it.", (network, call, _) =>
            new ValueTask(Expect(table.RenameAsync(network, call.Word("name", null)), network.Record.Label)))
        .Add("reach <address> [what:on|off]", "Lets the segment reach another machine by its tunnel, or no longer.", (network, call, _) =>
        {
            var remote = call.Word("address");
            Demand(network.Record.Vni is not null, $"{network.Record.Label} has no tunnel; make it with vni= and local=");
            Demand(System.Net.IPAddress.TryParse(remote, out System.Net.IPAddress? _), $"'{remote}' is no address");
            if (!call.Caller.IsAdmin)
            {
                throw new FileException(Errno.EPERM, "Only an administrator may let a network reach beyond this machine.");
            }

            return new ValueTask(Expect(table.ReachAsync(network, remote, call.Word("what", "on") == "on"), network.Record.Label));
        })
        .Add("grant <project>", "Lets the nodes of another project be connected.", (network, call, _) =>
            new ValueTask(Expect(table.ChangeAsync(network, record =>
                record with { Access = [.. record.Access.Union([call.Word("project")])] }), network.Record.Label)))
        .Add("revoke <project>", "Lets them no longer; refused while one is.", (network, call, _) =>
            new ValueTask(Expect(RevokeAsync(table, network, call.Word("project")), network.Record.Label)));

    private static DateTimeOffset? LeaseEnd(NetworkTable table, string length)
    {
        const string Never = "never";
        if (length == Never)
        {
            return null;
        }

        return Quantity.TryParseDuration(length, out var time) && time > TimeSpan.Zero
            ? table.Now + time
            : throw new FileException(Errno.EINVAL, $"A lease is a length of time such as 10m or 2h, or '{Never}', not '{length}'.");
    }

    private static async Task SeedAsync(NetworkTable table, Network network, string mac, string? directory)
    {
        await table.ChangeAsync(network, record =>
        {
            var seeds = new Dictionary<string, string>(record.Seeds, StringComparer.Ordinal);
            seeds.Remove(mac);
            if (directory is not null)
            {
                seeds[mac] = directory;
            }

            return record with { Seeds = seeds };
        });
        await table.ServeAsync(network);
    }

    private static async Task RevokeAsync(NetworkTable table, Network network, string project)
    {
        foreach (var port in table.Book.PortsIn(network.Number))
        {
            var node = await table.Nodes.FindAsync(port.Node, NineP.Serving.Caller.System, CancellationToken.None);
            if (node.Project == project && project != network.Record.Owner.Group)
            {
                throw new FileException(Errno.EBUSY, $"{port.Key} of {project} is connected; disconnect it first.");
            }
        }

        await table.ChangeAsync(network, record => record with { Access = [.. record.Access.Where(other => other != project)] });
    }

    private static async ValueTask<ConnectRequest> ReadAsync(NetworkTable table, Network network, CommandCall call, CancellationToken cancellation)
    {
        var (name, card) = Split(call.Word("nic"));
        var node = await table.Nodes.FindAsync(name, call.Caller, cancellation);
        var project = network.Record.Owner.Group;
        if (node.Project is { } own && own != project && !network.Record.Access.Contains(own))
        {
            throw new FileException(
                Errno.EACCES, $"{node.Id} belongs to the project {own} and {network.Record.Label} to {project}: they must agree, or 'grant "
                    + $"{own}' on the network.");
        }

        var mac = call.Word("mac", null);
        var queues = call.Int("queues", 1);
        Demand(mac is null || Hardware.Normalise(mac) is not null, $"mac is the hardware address of one card such as 02:00:00:04:00:29, not '{mac}'");
        Demand(queues is >= 1 and <= MostQueues, $"queues is a number from 1 to {MostQueues}, not {queues}");
        return new ConnectRequest(node.Id, card)
        {
            Name = node.Name,
            Kind = call.Word("kind", PortKinds.Tap)!,
            Channel = call.Word("channel", PortChannel.Native)!,
            Mac = mac is null ? null : Hardware.Normalise(mac),
            Address = call.Word("address", null),
            Queues = (int)queues,
        };
    }

    /// <summary>The card that a disconnection names, also of a node that is gone.</summary>
    private static async ValueTask<string> KeyAsync(NetworkTable table, CommandCall call, CancellationToken cancellation)
    {
        var (name, card) = Split(call.Word("nic"));
        if (table.Book.Port($"{name}.{card}") is { } known)
        {
            return known.Key;
        }

        var node = await table.Nodes.FindAsync(name, call.Caller, cancellation);
        return $"{node.Id}.{card}";
    }

    private static (string Node, string Card) Split(string nic)
    {
        var dot = nic.LastIndexOf('.');
        var (node, card) = dot < 0 ? (nic, "eth0") : (nic[..dot], nic[(dot + 1)..]);
        Demand(node.Length > 0 && CardForm().IsMatch(card), $"a card is NODE.NIC such as n12.eth0, not '{nic}'");
        return (node, card);
    }

    private static async ValueTask<CommandResult> AnswerAsync(
        NetworkTable table, Network network, PortAction action, CommandCall call, CancellationToken cancellation)
    {
        if (call.Word("wait", "yes") == "yes" && await table.Ports.WaitAsync(action, cancellation) && action.Record.State == ActionRecord.Error)
        {
            throw new FileException(Errno.EIO, $"{action.Record.Type} {action.Record.Port.Key}, {action.Record.Id}: {action.Record.Failure}");
        }

        return CommandResult.Json(json =>
        {
            var (record, port) = (action.Record, action.Record.Port);
            json.WriteString("action", record.Id);
            json.WriteString("state", record.State);
            json.WriteString("nic", port.Key);
            if (port.In(network.Number) is { } channel)
            {
                Describe(json, table, network.Record, port, channel);
            }
        });
    }

    private static void Describe(Utf8JsonWriter json, NetworkTable table, NetworkRecord network, PortRecord port, PortChannel channel)
    {
        json.WriteString("net", network.Id);
        json.WriteString("channel", channel.Channel);
        json.WriteString("port", port.Interface);
        json.WriteString("netns", table.Wiring(network).NamespacePath(port, network));
        json.WriteString("mac", port.Mac);
        json.WriteString("address", network.Subnet.Of(Subnet.ParseAddress(channel.Address)));
        json.WriteString("gateway", network.Gateway);
        json.WriteString("dns", network.Gateway);
        json.WriteString("domain", network.Domain);
        json.WriteNumber("mtu", network.Mtu);
    }

    private static void Describe(Utf8JsonWriter json, NetworkTable table, NetworkRecord network)
    {
        json.WriteString("id", network.Id);
        if (network.Name is { } name)
        {
            json.WriteString("name", name);
        }

        json.WriteString("state", network.State);
        json.WriteString("cidr", network.Cidr);
        json.WriteString("gateway", network.Gateway);
        json.WriteString("domain", network.Domain);
        json.WriteString("netns", table.Place.NamespacePath(network));
        if (network.Vlan is { } vlan)
        {
            json.WriteNumber("vlan", vlan);
        }
    }

    /// <summary>Gives an expected failure the form that files have.</summary>
    private static async Task<T> Expect<T>(Task<T> task, string what)
    {
        try
        {
            return await task;
        }
        catch (Exception failure) when (failure is not FileException && ServiceFailure.IsExpected(failure))
        {
            throw ServiceFailure.From(failure, what);
        }
    }

    private static async Task Expect(Task task, string what) => await Expect(Wrap(task), what);

    private static async Task<bool> Wrap(Task task)
    {
        await task;
        return true;
    }

    private static void Demand(bool condition, string sentence)
    {
        if (!condition)
        {
            throw new FileException(Errno.EINVAL, $"It cannot be connected: {sentence}.");
        }
    }

    [GeneratedRegex("^[a-z][a-z0-9]{0,11}$")]
    private static partial Regex CardForm();
}
