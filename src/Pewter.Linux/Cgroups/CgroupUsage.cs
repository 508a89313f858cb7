using System.Globalization;

namespace Pewter.Linux.Cgroups;

/// <summary>What all processes of a cgroup and of those below it use; null where no controller counts it.</summary>
/// <param name="CpuTime">CPU time since the cgroup was made.</param>
/// <param name="MemoryBytes">Bytes of memory, page cache included.</param>
/// <param name="Processes">Processes and threads.</param>
public readonly record struct CgroupUsage(TimeSpan? CpuTime, long? MemoryBytes, long? Processes)
{
    /// <summary>Reads the counters that the mounted hierarchies have for a cgroup.</summary>
    public static CgroupUsage Read(CgroupHierarchies hierarchies, string name)
    {
        var nanoseconds = ReadVersion1(hierarchies, "cpuacct", name, "cpuacct.usage");
        var unified = hierarchies.Unified is { } root ? $"{root}/{name}" : null;
        var microseconds = nanoseconds / 1000 ?? ReadUsage(unified);
        return new CgroupUsage(
            microseconds is { } count ? TimeSpan.FromMicroseconds(count) : null,
            ReadVersion1(hierarchies, "memory", name, "memory.usage_in_bytes") ?? ReadNumber($"{unified}/memory.current"),
            ReadVersion1(hierarchies, "pids", name, "pids.current") ?? ReadNumber($"{unified}/pids.current"));
    }

    private static long? ReadVersion1(CgroupHierarchies hierarchies, string controller, string name, string file) =>
        hierarchies.Version1.TryGetValue(controller, out var root) ? ReadNumber($"{root}/{name}/{file}") : null;

    private static long? ReadNumber(string path)
    {
        try
        {
            return long.Parse(File.ReadAllText(path).AsSpan().Trim(), CultureInfo.InvariantCulture);
        }
        catch (IOException)
        {
            // No such controller here, or the cgroup is gone.
            return null;
        }
    }

    private static long? ReadUsage(string? unified)
    {
        try
        {
            const string Key = "usage_usec ";
            var line = File.ReadLines($"{unified}/cpu.stat").FirstOrDefault(text => text.StartsWith(Key, StringComparison.Ordinal));
            return line is null ? null : long.Parse(line.AsSpan(Key.Length), CultureInfo.InvariantCulture);
        }
        catch (IOException)
        {
            return null;
        }
    }
}
