using System.Globalization;
using Pewter.Machines.Nodes;
using Pewter.Machines.Qemu;
using Pewter.NineP;
using Pewter.Tree;

namespace Pewter.Machines.Vms;

/// <summary>
/// Waits for a machine that boots, follows its phases on the serial line, and says why when it does not come up.
/// </summary>
/// <param name="time">The clock.</param>
/// <param name="silence">Without a word on the serial line for so long a boot is stuck.</param>
internal sealed class VmBoot(TimeProvider time, TimeSpan silence)
{
    private const string Agent = "agent";
    private static readonly TimeSpan Look = TimeSpan.FromMilliseconds(25);

    /// <summary>Waits for the agent, and returns its tree.</summary>
    /// <exception cref="FileException">EIO: the machine ended. ETIMEDOUT: it is stuck. Both with the probable
    /// cause.</exception>
    public async Task<TreeClient> AwaitAgentAsync(NodeWork work, VmProcess process, VmFiles files, CancellationToken cancellation)
    {
        using var end = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        var agent = work.Node.Agent.AnswerAsync(files.Agent, Timeout.InfiniteTimeSpan, end.Token).AsTask();
        try
        {
            await WatchAsync(work, process, files, agent, cancellation);
            var tree = await agent;
            if (work.Record.Phase != Agent)
            {
                work.Enter(Agent);
            }

            return tree;
        }
        finally
        {
            await end.CancelAsync();
            await agent.ContinueWith(static _ => { }, TaskScheduler.Default);
        }
    }

    /// <summary>Why a machine that does not live any more has ended.</summary>
    public static string CauseOfEnd(VmFiles files) => ConsoleText.Cause(ConsoleText.Tail(files.ConsoleLog))
        ?? (VmProcess.Complaint(files) is { } complaint ? $"QEMU ended: {complaint}" : "QEMU ended");

    private async Task WatchAsync(NodeWork work, VmProcess process, VmFiles files, Task agent, CancellationToken cancellation)
    {
        var (heard, last, spoken) = (0L, time.GetTimestamp(), "");
        while (await Task.WhenAny(agent, Task.Delay(Look, time, cancellation)) != agent)
        {
            cancellation.ThrowIfCancellationRequested();
            if (!process.IsAlive)
            {
                throw new FileException(Errno.EIO, CauseOfEnd(files));
            }

            var length = new FileInfo(files.ConsoleLog) is { Exists: true } log ? log.Length : 0;
            if (length != heard)
            {
                (heard, last, spoken) = (length, time.GetTimestamp(), ConsoleText.Tail(files.ConsoleLog));
                var phase = ConsoleText.Phase(spoken, work.Record.Phase ?? "");
                if (phase != work.Record.Phase)
                {
                    work.Enter(phase);
                }
            }
            else if (time.GetElapsedTime(last) > silence)
            {
                throw new FileException(Errno.ETIMEDOUT, Stuck(spoken, work));
            }
        }
    }

    private string Stuck(string spoken, NodeWork work)
    {
        var cause = ConsoleText.Cause(spoken) switch
        {
            "no DHCP offer" => $"no DHCP offer on net {string.Join(", ", VmSpec.Of(work.Spec).Networks)}",
            { } known => known,
            null => string.Create(CultureInfo.InvariantCulture, $"agent silent for {silence.TotalSeconds:0} s"),
        };
        return ConsoleText.LastLine(spoken) is { } line ? $"{cause}; the console's last line: {line}" : $"{cause}, and the console too";
    }
}
