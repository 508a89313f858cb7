using Pewter.NineP;
using Pewter.Tree;

namespace Pewter.CommandLine.Running;

/// <summary>Looks at what processes use; a rate needs two looks, so the first has none. Used by one command.</summary>
internal sealed class UsageSampler(TreeClient tree, TimeProvider time)
{
    private const int AtOnce = 32;

    private Dictionary<string, TimeSpan> _before = [];
    private long _lookedAt;

    /// <summary>The processes that run, the busiest first.</summary>
    public async ValueTask<IReadOnlyList<UsageRow>> LookAsync(string? query, CancellationToken cancellation)
    {
        var sessions = (await SessionRow.ListAsync(tree, query, cancellation)).Where(row => row.State == "running").ToList();
        var found = new IReadOnlyList<UsageRow>[sessions.Count];
        var options = new ParallelOptions { MaxDegreeOfParallelism = AtOnce, CancellationToken = cancellation };
        await Parallel.ForAsync(0, sessions.Count, options, async (i, stop) => found[i] = await LookAsync(sessions[i], stop));

        var passed = _lookedAt == 0 ? TimeSpan.Zero : time.GetElapsedTime(_lookedAt);
        _lookedAt = time.GetTimestamp();
        var rows = found.SelectMany(rows => rows).Select(row => row with { Cpu = Rate(row, passed) })
            .OrderByDescending(row => row.Cpu).ThenByDescending(row => row.MemoryBytes).ThenBy(row => row.Id, Output.NaturalOrder.Instance).ToList();
        _before = rows.ToDictionary(row => row.Id, row => row.CpuTime, StringComparer.Ordinal);
        return rows;
    }

    private double Rate(UsageRow row, TimeSpan passed) => passed > TimeSpan.Zero && _before.TryGetValue(row.Id, out var was)
        ? Math.Max(0, 100 * ((row.CpuTime - was) / passed))
        : 0;

    private async ValueTask<IReadOnlyList<UsageRow>> LookAsync(SessionRow session, CancellationToken cancellation)
    {
        try
        {
            return [.. UsageRow.Read(session, await tree.ReadTextAsync(session.Path + "/usage", cancellation))];
        }
        catch (FileException gone) when (!cancellation.IsCancellationRequested && gone.Errno is not Errno.EIO)
        {
            // Over, wiped or out of reach since it was listed.
            return [];
        }
    }
}
