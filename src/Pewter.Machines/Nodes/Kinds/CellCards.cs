using System.Globalization;
using System.Net;
using Pewter.Linux.Namespaces;
using Pewter.Linux.Networking;
using Pewter.NineP;
using Pewter.NineP.Serving;

namespace Pewter.Machines.Nodes.Kinds;

/// <summary>
/// The network cards of cells: the free end of a cable, as <c>connect</c> on a network's <c>ctl</c> gives it, moved into
/// the cell and given its address. What a place on a network is stands in the node's handle.
/// </summary>
internal sealed class CellCards(NodePlace place)
{
    private const string Option = "net";

    private static readonly string[] Answers = ["port", "netns", "mac", "address", "gateway", "dns", "domain"];

    /// <summary>The networks that a cell is to be on, one for each card.</summary>
    public static IReadOnlyList<string> Networks(NodeSpec spec) =>
        spec.Options.TryGetValue(Option, out var names) ? names.Split(',', StringSplitOptions.RemoveEmptyEntries) : [];

    /// <summary>The step that takes the places, before the cell is there; they go with the node itself.</summary>
    public NodeStep Step() => new("network", ConnectAsync, DisconnectAsync)
    {
        Applies = record => record.Spec.Options.ContainsKey(Option), Stays = true,
    };

    /// <summary>Refuses networks that the caller cannot use.</summary>
    public async ValueTask DemandAsync(NodeSpec spec, Caller caller, CancellationToken cancellation)
    {
        foreach (var network in Networks(spec))
        {
            try
            {
                await place.Tree(caller).StatAsync($"/net/{network}/ctl", cancellation);
            }
            catch (FileException missing) when (missing.Errno is Errno.ENOENT or Errno.EACCES)
            {
                throw new FileException(Errno.ENOENT, $"There is no network '{network}' that {caller.User} may use.", missing);
            }
        }
    }

    /// <summary>Puts the cables into a cell that lives, and gives its cards their addresses.</summary>
    public static void Plug(NodeWork work, int process)
    {
        for (var card = 0; card < Networks(work.Spec).Count; card++)
        {
            using var segment = NetworkStack.Open(Told(work, card, "netns"));
            using (var target = NamespaceHandle.Open(process, NamespaceKinds.Network))
            {
                segment.Move(Told(work, card, "port"), target, Name(card));
            }

            using var inside = NetworkStack.Open($"/proc/{process}/ns/net");
            var address = Told(work, card, "address").Split('/');
            inside.AddAddress(Name(card), IPAddress.Parse(address[0]), int.Parse(address[1], CultureInfo.InvariantCulture));
            inside.SetUp(Name(card));
            if (card == 0)
            {
                inside.SetGateway(IPAddress.Parse(Told(work, card, "gateway")));
            }
        }
    }

    /// <summary>What a resolver inside is told; null without a network.</summary>
    public static string? Resolver(NodeWork work) => work[Key(0, "dns")] is { } server
        ? $"nameserver {server}\nsearch {work[Key(0, "domain")]}\noptions timeout:2\n"
        : null;

    private async ValueTask ConnectAsync(NodeWork work, CancellationToken cancellation)
    {
        var networks = Networks(work.Spec);
        for (var card = 0; card < networks.Count; card++)
        {
            string[] words = ["connect", $"{work.Record.Id}.{Name(card)}", "kind=veth"];
            var reply = (await place.Tree(Caller.System).CommandAsync($"/net/{networks[card]}/ctl", words, cancellation))[0];
            foreach (var answer in Answers)
            {
                work[Key(card, answer)] = reply.Text(answer);
            }

            work.Note($"{Name(card)} on {networks[card]}: port {reply.Text("port")}, {reply.Text("address")}");
        }
    }

    private async ValueTask DisconnectAsync(NodeWork work, CancellationToken cancellation)
    {
        var networks = Networks(work.Spec);
        for (var card = 0; card < networks.Count; card++)
        {
            try
            {
                string[] words = ["disconnect", $"{work.Record.Id}.{Name(card)}"];
                await place.Tree(Caller.System).CommandAsync($"/net/{networks[card]}/ctl", words, cancellation);
            }
            catch (FileException gone) when (gone.Errno == Errno.ENOENT)
            {
                // The network is gone, or the place was never taken.
            }
        }
    }

    private static string Told(NodeWork work, int card, string answer) => work[Key(card, answer)] is { Length: > 0 } told
        ? told
        : throw new FileException(Errno.EIO, $"the network {Networks(work.Spec)[card]} told no {answer}.");

    private static string Name(int card) => string.Create(CultureInfo.InvariantCulture, $"eth{card}");

    private static string Key(int card, string answer) => $"{Name(card)}.{answer}";
}
