using System.Globalization;
using System.Text.Json.Nodes;
using Pewter.Linux.Sockets;
using Pewter.Machines.Nodes;
using Pewter.Machines.Qemu;
using Pewter.NineP;

namespace Pewter.Machines.Vms;

/// <summary>
/// The network cards of virtual machines and their cables. Networks are files of another service: a place on one is
/// asked for with
/// <c>connect NODE.NIC</c> on its <c>ctl</c>, which answers with a tap and the addresses that go with it.
/// </summary>
internal sealed class VmCards(VmPlace place)
{
    private static readonly string[] Answers = ["port", "netns", "mac", "address", "gateway", "dns"];

    /// <summary>The name of a card: of its device in the monitor and of its interface in the guest.</summary>
    public static string DeviceName(int card) => string.Create(CultureInfo.InvariantCulture, $"eth{card}");

    /// <summary>The address of a card whose machine will be given one.</summary>
    public static string AnyMac(int card) => string.Create(CultureInfo.InvariantCulture, $"52:54:00:00:00:{card + 1:x2}");

    /// <summary>
    /// Takes a place on each network that was asked for; what a place is stands in the node's handle afterwards.
    /// </summary>
    public async ValueTask ConnectAsync(NodeWork work, CancellationToken cancellation)
    {
        var networks = VmSpec.Of(work.Spec).Networks;
        var tree = place.Context.Client();
        for (var card = 0; card < networks.Count; card++)
        {
            string[] words = ["connect", $"{work.Record.Id}.{DeviceName(card)}", $"mac={place.Mac(work.Record, card)}"];
            var reply = (await tree.CommandAsync($"/net/{networks[card]}/ctl", words, cancellation))[0];
            foreach (var answer in Answers)
            {
                if (reply.Text(answer) is { Length: > 0 } value)
                {
                    work[Key(card, answer)] = value;
                }
            }

            work.Note($"{DeviceName(card)} on {networks[card]}: port {work[Key(card, "port")]}, {work[Key(card, "address")] ?? "no address"}");
        }
    }

    /// <summary>
    /// Gives the places back; one that was never taken, or whose network is gone, is given back already.
    /// </summary>
    public async ValueTask DisconnectAsync(NodeWork work, CancellationToken cancellation)
    {
        var networks = VmSpec.Of(work.Spec).Networks;
        var tree = place.Context.Client();
        for (var card = 0; card < networks.Count; card++)
        {
            try
            {
                await tree.CommandAsync($"/net/{networks[card]}/ctl", ["disconnect", $"{work.Record.Id}.{DeviceName(card)}"], cancellation);
            }
            catch (FileException gone) when (gone.Errno == Errno.ENOENT)
            {
                // See above.
            }

            foreach (var answer in Answers)
            {
                work.Forget(Key(card, answer));
            }
        }
    }

    /// <summary>Puts the cables in.</summary>
    public static async ValueTask PlugAsync(NodeWork work, QmpClient monitor, CancellationToken cancellation)
    {
        var spec = VmSpec.Of(work.Spec);
        for (var card = 0; card < spec.Networks.Count && spec.Queues == 1; card++)
        {
            var name = DeviceName(card);
            var port = work[Key(card, "port")] ?? throw new FileException(Errno.EIO, $"the network {spec.Networks[card]} gave no port.");
            using var tap = TapDevice.Open(work[Key(card, "netns")], port);
            await monitor.GiveAsync(name, tap, cancellation);
            await monitor.ExecuteAsync(
                "netdev_add", new JsonObject { ["type"] = "tap", ["id"] = $"{name}-tap", ["fd"] = name, ["vhost"] = false }, cancellation);
            await monitor.ExecuteAsync(
                "netdev_add",
                new JsonObject { ["type"] = "hubport", ["id"] = $"{name}-cable", ["hubid"] = card, ["netdev"] = $"{name}-tap" },
                cancellation);
        }
    }

    /// <summary>What the guest's agent is told about each card.</summary>
    public IEnumerable<IReadOnlyList<string>> Commands(NodeWork work)
    {
        for (var card = 0; card < VmSpec.Of(work.Spec).Nics; card++)
        {
            var words = new List<string> { "nic", DeviceName(card), $"mac={work[Key(card, "mac")] ?? place.Mac(work.Record, card)}" };
            foreach (var key in (string[])["address", "gateway", "dns"])
            {
                words.AddRange(work[Key(card, key)] is { } value ? [$"{key}={value}"] : []);
            }

            yield return words;
        }
    }

    /// <summary>The address of the first card; null when it has none.</summary>
    public static string? Address(NodeRecord record) => record.Handle.GetValueOrDefault(Key(0, "address"));

    private static string Key(int card, string answer) => $"{DeviceName(card)}.{answer}";
}
