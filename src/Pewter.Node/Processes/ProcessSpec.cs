using Pewter.Linux.Cgroups;
using Pewter.Linux.Processes;
using Pewter.Linux.Spawning;
using Pewter.Linux.Users;

namespace Pewter.Node.Processes;

/// <summary>What to run and how, as it stands when it starts. Immutable.</summary>
public sealed record ProcessSpec
{
    /// <summary>The program and its arguments; the program is searched for in the environment's PATH when it has no '/'.</summary>
    public required IReadOnlyList<string> Arguments { get; init; }

    /// <summary>The whole environment, <c>NAME=value</c> each.</summary>
    public IReadOnlyList<string> Environment { get; init; } = [];

    /// <summary>Where it starts.</summary>
    public string Directory { get; init; } = "/";

    /// <summary>Who it runs as; null: the agent's own user.</summary>
    public UserEntry? User { get; init; }

    /// <summary>Nice value; null: the agent's.</summary>
    public int? Nice { get; init; }

    /// <summary>Limits of the process and everything it starts, together.</summary>
    public CgroupLimits Limits { get; init; } = CgroupLimits.None;

    /// <summary>Limits of each process.</summary>
    public IReadOnlyList<ResourceLimit> ResourceLimits { get; init; } = [];

    /// <summary>Gives it a terminal; stdout and stderr are then one stream.</summary>
    public bool Terminal { get; init; }

    /// <summary>Rows and columns of that terminal; null: as the kernel makes it.</summary>
    public (ushort Rows, ushort Columns)? Window { get; init; }

    /// <summary>Mounts in a mount namespace of its own, made before it starts; empty: it shares the agent's.</summary>
    public IReadOnlyList<SpawnMount> Mounts { get; init; } = [];

    /// <summary>What the owner wants to find again with the session: kept in the journal, without meaning here.</summary>
    public IReadOnlyDictionary<string, string> Notes { get; init; } = new Dictionary<string, string>();

    /// <summary>The value of PATH in the environment, or the usual one.</summary>
    public string SearchPath =>
        Environment.LastOrDefault(entry => entry.StartsWith("PATH=", StringComparison.Ordinal))?[5..]
        ?? "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";
}
