using System.Globalization;
using Pewter.Machines.Boots;
using Pewter.Machines.Nodes;
using Pewter.Machines.Nodes.Agents;
using Pewter.NineP;
using Pewter.Tree;

namespace Pewter.Machines.Metal;

/// <summary>
/// Waits for a physical machine that boots, follows how far it is by what it asks of its network, and says why when it does not come up.
/// </summary>
internal sealed class MetalBoot(NetworkBoot boot, Func<TreeClient> tree, MetalLimits limits, TimeProvider time)
{
    private static readonly TimeSpan Look = TimeSpan.FromMilliseconds(250);
    private static readonly TimeSpan AnswerTime = TimeSpan.FromSeconds(60);

    // What the server of a segment writes about each machine, in the order of a boot; the phase that begins with it.
    private static readonly (string Sign, string Phase)[] Signs =
        [("dhcp Discover from {0}", "DHCP"), ("/boot/{0}", "loader"), ("/file/{0}/", "loader"), ("/seed/{0}/agent", "agent")];

    /// <summary>Returns when the agent answers and has been told who it is.</summary>
    /// <param name="work">The machine.</param>
    /// <param name="network">The network that it boots from.</param>
    /// <param name="mac">Its card there.</param>
    /// <param name="since">When it was switched on.</param>
    /// <param name="cancellation">Ends it.</param>
    /// <exception cref="FileException">ETIMEDOUT, with the probable cause.</exception>
    public async ValueTask AwaitAgentAsync(NodeWork work, string network, string mac, DateTimeOffset since, CancellationToken cancellation)
    {
        work.Enter("firmware");
        var (last, heard) = (time.GetTimestamp(), 0);
        while (true)
        {
            var lines = await SeenAsync(network, mac, since, cancellation);
            if (lines.Count > heard)
            {
                (last, heard) = (time.GetTimestamp(), lines.Count);
                Follow(work, mac, lines);
            }

            if (work.Record.Phase == "agent")
            {
                break;
            }

            var patience = heard == 0 ? limits.Firmware : limits.BootSilence;
            if (time.GetElapsedTime(last) > patience)
            {
                throw new FileException(Errno.ETIMEDOUT, Stuck(work.Record.Phase, network, mac, patience));
            }

            await Task.Delay(Look, time, cancellation);
        }

        var agent = await work.Node.Agent.AnswerAsync(work["agent"]!, AnswerTime, cancellation);
        await Vms.VmIdentity.TellAsync(agent, work, [], time, cancellation);
    }

    /// <summary>Where the agent of a machine will be spoken to.</summary>
    public AgentAddress AddressOf(NodeWork work, string address, string network) => new(
        new System.Net.IPEndPoint(System.Net.IPAddress.Parse(address), Seed.AgentPort), work.Record.Id, network, boot.SeedOf(work.Record).KeyFile);

    private static void Follow(NodeWork work, string mac, IReadOnlyList<string> lines)
    {
        // Several may have begun since the last look; none is left out of the timeline.
        var known = Array.FindLastIndex(Signs, sign => sign.Phase == work.Record.Phase);
        foreach (var (sign, phase) in Signs.Skip(known + 1))
        {
            if (phase != work.Record.Phase && lines.Any(line => line.Contains(Of(sign, mac), StringComparison.Ordinal)))
            {
                work.Enter(phase);
            }
        }
    }

    private static string Of(string sign, string mac) => sign.Replace("{0}", mac, StringComparison.Ordinal);

    private static string Stuck(string? phase, string network, string mac, TimeSpan silence)
    {
        var seconds = string.Create(CultureInfo.InvariantCulture, $"{silence.TotalSeconds:0} s");
        return phase switch
        {
            "DHCP" => $"no loader: it was offered an address on net {network}, and asked for nothing to boot for {seconds}",
            "loader" => $"agent silent for {seconds} after the machine had fetched what it boots; its console has the rest",
            _ => $"no DHCP offer on net {network}: its card {mac} asked for none for {seconds}; "
                + "is it plugged in there, and does the machine boot from it?",
        };
    }

    private async ValueTask<IReadOnlyList<string>> SeenAsync(string network, string mac, DateTimeOffset since, CancellationToken cancellation)
    {
        var log = await tree().ReadTextAsync($"/net/{network}/log", cancellation);
        return [.. log.Split('\n').Where(line => line.Contains(mac, StringComparison.Ordinal)
            && line.Split(' ', 2) is [var at, _]
            && DateTimeOffset.TryParse(at, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var when) && when >= since)];
    }
}
