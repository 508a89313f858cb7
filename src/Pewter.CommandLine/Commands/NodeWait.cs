using Pewter.NineP;
using Pewter.NineP.Serving;
using Pewter.Tree;

namespace Pewter.CommandLine.Commands;

/// <summary>
/// Waits for nodes that are being made: on standard error a line for each phase that one enters, and for its end.
/// </summary>
internal static class NodeWait
{
    private static readonly TimeSpan Look = TimeSpan.FromMilliseconds(200);

    /// <summary>Returns when all are ready, or when one will not be.</summary>
    public static async ValueTask<int> UntilReadyAsync(CommandContext context, IReadOnlyList<CommandReply> nodes)
    {
        var client = await context.ConnectAsync();
        var lines = await Task.WhenAll(nodes.Where(node => node.Text("state") != "ready").Select(node => FollowAsync(context, client, node.Target)));
        return lines.All(line => line.Contains(" state=ready", StringComparison.Ordinal)) ? ExitCode.Ok : ExitCode.Failed;
    }

    private static async Task<string> FollowAsync(CommandContext context, TreeClient client, string node)
    {
        var (time, start, shown) = (context.Host.Time, context.Host.Time.GetTimestamp(), "");
        await using var wait = await client.OpenAsync(node + "/wait", OpenFlags.ReadWrite, context.Cancellation);
        await wait.WriteTextAsync("ready\n", context.Cancellation);
        var end = wait.ReadLineAsync(context.Cancellation).AsTask();
        while (await Task.WhenAny(end, Task.Delay(Look, time, context.Cancellation)) != end)
        {
            var phase = await PhaseAsync(client, node, context.Cancellation);
            if (phase.Length > 0 && phase != shown)
            {
                shown = phase;
                context.Say($"{node} {phase} after {time.GetElapsedTime(start).TotalSeconds:0.0} s");
            }
        }

        var line = await end ?? "";
        context.Say($"{line.TrimEnd()} after {time.GetElapsedTime(start).TotalSeconds:0.0} s");
        return line;
    }

    private static async Task<string> PhaseAsync(TreeClient client, string node, CancellationToken cancellation)
    {
        try
        {
            var last = (await client.ReadTextAsync(node + "/boot", cancellation)).TrimEnd().Split('\n')[^1];
            return last.Contains(" took=", StringComparison.Ordinal) ? "" : last;
        }
        catch (FileException)
        {
            // It has just gone; its wait tells how.
            return "";
        }
    }
}
