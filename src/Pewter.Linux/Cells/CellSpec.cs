using Microsoft.Win32.SafeHandles;
using Pewter.Linux.Cgroups;
using Pewter.Linux.Spawning;

namespace Pewter.Linux.Cells;

/// <summary>What a cell is to be: a node made of namespaces, cgroups and an overlay over a root directory, with an agent as process 1.</summary>
public sealed record CellSpec
{
    /// <summary>Its name: the cgroup below <see cref="CgroupParent"/>, and the host name.</summary>
    public required string Name { get; init; }

    /// <summary>The agent's executable on the host. It runs as <c>AGENT cell …</c>.</summary>
    public required string AgentPath { get; init; }

    /// <summary>Where its agent listens, on the host; the path stays valid while the launcher comes and goes.</summary>
    public required string SocketPath { get; init; }

    /// <summary>The directory that the cell's root is a private copy of, by overlay: nothing it writes is seen outside.</summary>
    public string Root { get; init; } = "/";

    /// <summary>Below which cgroup its own is made, in each hierarchy.</summary>
    public string CgroupParent { get; init; } = "pewter";

    /// <summary>Limits of all it runs. The default contains a fork bomb and leaves the rest to the machine.</summary>
    public CgroupLimits Limits { get; init; } = new() { Processes = 512 };

    /// <summary>Bytes that it may write to its root, which is memory; null: half of the machine's, or its memory limit if that is less.</summary>
    public long? WritableBytes { get; init; }

    /// <summary>Confine its capabilities by a user namespace, if the kernel allows.</summary>
    public bool UserNamespace { get; init; } = true;

    /// <summary>
    /// Who its users are outside. Unless its root is root outside, the cell sees only what everybody on the host may, and is refused where
    /// the kernel has no user namespaces.
    /// </summary>
    public UserNamespaceMap UserMap { get; init; } = UserNamespaceMap.Identity;

    /// <summary>A network namespace to live in; null: a new one with nothing but loopback.</summary>
    public SafeFileHandle? Network { get; init; }

    /// <summary>Host directories and files to show inside.</summary>
    public IReadOnlyList<CellBind> Binds { get; init; } = [];

    /// <summary>More arguments for the agent.</summary>
    public IReadOnlyList<string> AgentArguments { get; init; } = [];
}
