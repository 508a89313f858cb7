using System.Globalization;
using Pewter.Execution.Sessions;
using Pewter.NineP;
using Pewter.Tree;

namespace Pewter.Execution.Streams;

/// <summary>What the processes of a session use now: the file <c>usage</c>, a line of JSON for each that runs.</summary>
internal static class UsageText
{
    private const int AtOnce = 32;

    // One node that does not answer costs its line, not the whole.
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(2);

    internal static async ValueTask<string> OfAsync(Session session, TreeClient tree, TimeProvider time, CancellationToken cancellation)
    {
        var leaves = session.Leaves.Where(leaf => leaf is { IsStarted: true, Exit: null }).ToList();
        var lines = new string[leaves.Count];
        using var limit = new CancellationTokenSource(Patience, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, cancellation);
        var options = new ParallelOptions { MaxDegreeOfParallelism = AtOnce };
        await Parallel.ForAsync(0, leaves.Count, options, async (i, _) => lines[i] = await LineAsync(leaves[i], tree, either.Token));
        cancellation.ThrowIfCancellationRequested();
        return string.Concat(lines);
    }

    private static async ValueTask<string> LineAsync(Leaf leaf, TreeClient tree, CancellationToken cancellation)
    {
        try
        {
            var usage = (await tree.ReadTextAsync(leaf.Path + "/usage", cancellation)).TrimEnd().TrimStart('{');
            return string.Create(CultureInfo.InvariantCulture, $"{{\"index\":{leaf.Index},\"node\":\"{leaf.Node}\",{usage}\n");
        }
        catch (Exception failure) when (failure is FileException or OperationCanceledException)
        {
            return "";
        }
    }
}
