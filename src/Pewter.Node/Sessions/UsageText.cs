using System.Globalization;
using Pewter.Linux.Processes;
using Pewter.Node.Processes;

namespace Pewter.Node.Sessions;

/// <summary>What a session's processes use now: the file <c>usage</c>, one line of JSON.</summary>
internal static class UsageText
{
    private const int MillisecondsPerTick = 10;

    /// <summary>
    /// CPU time in milliseconds and resident bytes of the processes that live, and how many they are; all 0 when none runs. What a process
    /// used that has
    /// ended is in nobody's counters any more, so a rate is the difference of two looks, never below 0.
    /// </summary>
    internal static string Of(NodeProcess process)
    {
        var (ticks, pages, count) = (0L, 0L, 0);
        foreach (var stat in Living(process.Session))
        {
            ticks += stat.UserTicks + stat.SystemTicks;
            pages += stat.ResidentPages;
            count++;
        }

        return string.Create(
            CultureInfo.InvariantCulture,
            $"{{\"cpu_ms\":{ticks * MillisecondsPerTick},\"memory\":{pages * Environment.SystemPageSize},\"processes\":{count}}}");
    }

    private static IEnumerable<ProcessStat> Living(ProcessSession session)
    {
        if (session is not { State: ProcessState.Running, Process: { } running })
        {
            return [];
        }

        var ids = running.Cgroup is { } group ? Members(group.Directories.FirstOrDefault()) : [];
        return (ids.Count > 0 ? ids : [running.Id]).Select(ProcessStat.Read).OfType<ProcessStat>();
    }

    private static List<int> Members(string? directory)
    {
        try
        {
            return directory is null ? []
                : [.. File.ReadLines($"{directory}/cgroup.procs").Select(line => int.Parse(line, CultureInfo.InvariantCulture))];
        }
        catch (IOException)
        {
            // The last of them has just ended, and the cgroup went with it.
            return [];
        }
    }
}
