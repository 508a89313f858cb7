namespace Pewter.Linux.Cgroups;

/// <summary>Limits of a cgroup; null leaves one as it is.</summary>
public sealed record CgroupLimits
{
    /// <summary>No limits.</summary>
    public static CgroupLimits None { get; } = new();

    /// <summary>CPUs' worth of time: 0.5 is half of one CPU.</summary>
    public double? Cpus { get; init; }

    /// <summary>Bytes of memory with page cache; beyond them it reclaims, then kills.</summary>
    public long? MemoryBytes { get; init; }

    /// <summary>Processes and threads.</summary>
    public int? Processes { get; init; }

    /// <summary>Whether nothing is limited.</summary>
    public bool IsEmpty => Cpus is null && MemoryBytes is null && Processes is null;

    /// <summary>Names of the controllers that these limits need.</summary>
    public IEnumerable<string> Controllers
    {
        get
        {
            if (Cpus is not null)
            {
                yield return "cpu";
            }

            if (MemoryBytes is not null)
            {
                yield return "memory";
            }

            if (Processes is not null)
            {
                yield return "pids";
            }
        }
    }

    /// <summary>These limits with those of <paramref name="newer"/> over them.</summary>
    public CgroupLimits With(CgroupLimits newer) => new()
    {
        Cpus = newer.Cpus ?? Cpus,
        MemoryBytes = newer.MemoryBytes ?? MemoryBytes,
        Processes = newer.Processes ?? Processes,
    };
}
