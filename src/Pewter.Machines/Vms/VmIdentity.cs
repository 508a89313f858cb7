using System.Globalization;
using System.Security.Cryptography;
using Pewter.Machines.Nodes;
using Pewter.NineP;
using Pewter.Tree;

namespace Pewter.Machines.Vms;

/// <summary>
/// Tells a guest who it is, before anybody else may speak to its agent: name, machine id, random numbers, clock,
/// addresses. After a boot and after a fork alike; a fork would else go on as the machine that it is a copy of.
/// </summary>
internal sealed class VmIdentity(VmCards cards, TimeProvider time)
{
    private const int MachineIdBytes = 16;
    private const int SeedBytes = 32;

    /// <summary>Tells it.</summary>
    /// <exception cref="FileException">The agent refused.</exception>
    public ValueTask TellAsync(TreeClient agent, NodeWork work, CancellationToken cancellation) =>
        TellAsync(agent, work, cards.Commands(work), time, cancellation);

    /// <summary>Tells it to any guest, with what else its agent is to do before others may speak to it.</summary>
    public static async ValueTask TellAsync(
        TreeClient agent, NodeWork work, IEnumerable<IReadOnlyList<string>> more, TimeProvider time, CancellationToken cancellation)
    {
        var nanoseconds = (time.GetUtcNow() - DateTimeOffset.UnixEpoch).Ticks * TimeSpan.NanosecondsPerTick;
        var machine = RandomNumberGenerator.GetHexString(MachineIdBytes * 2, lowercase: true);
        IReadOnlyList<string> identify =
        [
            "identify", work.Record.Id, machine, RandomNumberGenerator.GetHexString(SeedBytes * 2, lowercase: true),
            nanoseconds.ToString(CultureInfo.InvariantCulture),
        ];
        var lines = more.Prepend(identify).Select(RcQuoting.Join);
        await using var ctl = await agent.OpenAsync("/ctl", NineP.Serving.OpenFlags.WriteOnly, cancellation);
        await ctl.WriteTextAsync(string.Join('\n', lines) + "\n", cancellation);
        work["machine-id"] = machine;
    }
}
