namespace Pewter.Linux.Cgroups;

/// <summary>
/// Where cgroups are mounted: a controller is either in a version 1 hierarchy of its own or in the unified one. Immutable; read anew
/// when mounts change.
/// </summary>
public sealed class CgroupHierarchies
{
    private CgroupHierarchies(string? unified, IReadOnlySet<string> unifiedControllers, IReadOnlyDictionary<string, string> version1)
    {
        Unified = unified;
        UnifiedControllers = unifiedControllers;
        Version1 = version1;
    }

    /// <summary>The mount point of version 2; null when it is not mounted.</summary>
    public string? Unified { get; }

    /// <summary>Controllers that version 2 has.</summary>
    public IReadOnlySet<string> UnifiedControllers { get; }

    /// <summary>Mount points of version 1 by controller.</summary>
    public IReadOnlyDictionary<string, string> Version1 { get; }

    /// <summary>Reads the mounts of this process.</summary>
    public static CgroupHierarchies Read() => Parse(File.ReadLines("/proc/self/mounts"));

    /// <summary>Whether limits of a controller can be set.</summary>
    public bool Has(string controller) => Version1.ContainsKey(controller) || UnifiedControllers.Contains(controller);

    internal static CgroupHierarchies Parse(IEnumerable<string> mounts)
    {
        string? unified = null;
        var version1 = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var fields in mounts.Select(line => line.Split(' ')).Where(fields => fields.Length >= 4))
        {
            if (fields[2] == "cgroup2")
            {
                unified ??= fields[1];
            }
            else if (fields[2] == "cgroup")
            {
                foreach (var option in fields[3].Split(',').Where(IsController))
                {
                    version1.TryAdd(option, fields[1]);
                }
            }
        }

        return new CgroupHierarchies(unified, ControllersOf(unified), version1);
    }

    private static bool IsController(string option) =>
        option is "cpu" or "cpuacct" or "cpuset" or "memory" or "pids" or "freezer" or "blkio" or "devices";

    private static HashSet<string> ControllersOf(string? unified)
    {
        var file = $"{unified}/cgroup.controllers";
        return unified is not null && File.Exists(file)
            ? [.. File.ReadAllText(file).Split((char[])[' ', '\n'], StringSplitOptions.RemoveEmptyEntries)]
            : [];
    }
}
