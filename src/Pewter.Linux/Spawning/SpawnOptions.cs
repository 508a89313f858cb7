using Microsoft.Win32.SafeHandles;
using Pewter.Linux.Confinement;
using Pewter.Linux.Namespaces;
using Pewter.Linux.Processes;

namespace Pewter.Linux.Spawning;

/// <summary>
/// Everything about a child that is set between clone and exec, in the order it is applied: cgroups, namespaces, session, descriptors,
/// limits, directory, identity, confinement, exec. Read only during the call that takes it.
/// </summary>
public sealed record SpawnOptions
{
    /// <summary>The program: a path, not searched for in PATH.</summary>
    public required string Path { get; init; }

    /// <summary>The arguments, the first being the program's name for itself.</summary>
    public required IReadOnlyList<string> Arguments { get; init; }

    /// <summary>The whole environment, <c>NAME=value</c> each.</summary>
    public IReadOnlyList<string> Environment { get; init; } = [];

    /// <summary>Where it starts; null: where the caller is.</summary>
    public string? WorkingDirectory { get; init; }

    /// <summary>
    /// Descriptors to give: the caller's number and the child's, which is below 16. All others close if opened close-on-exec.
    /// </summary>
    public IReadOnlyList<DescriptorMapping> Descriptors { get; init; } = [];

    /// <summary>Makes the child the leader of a new session, and so of a new process group.</summary>
    public bool NewSession { get; init; }

    /// <summary>Makes descriptor 0, a terminal, the controlling terminal of the new session.</summary>
    public bool ControllingTerminal { get; init; }

    /// <summary>The nice value.</summary>
    public int? Nice { get; init; }

    /// <summary>CPUs it may run on; empty: all.</summary>
    public IReadOnlyList<int> Cpus { get; init; } = [];

    /// <summary>Resource limits.</summary>
    public IReadOnlyList<ResourceLimit> Limits { get; init; } = [];

    /// <summary>Who it runs as; null: the caller.</summary>
    public SpawnIdentity? Identity { get; init; }

    /// <summary>A cgroup v2 directory that the child is born in.</summary>
    public SafeFileHandle? UnifiedCgroup { get; init; }

    /// <summary>Open <c>cgroup.procs</c> files of version 1 hierarchies that the child enters before anything else.</summary>
    public IReadOnlyList<SafeFileHandle> JoinCgroups { get; init; } = [];

    /// <summary>Namespaces that are made for the child.</summary>
    public NamespaceKinds NewNamespaces { get; init; }

    /// <summary>Identifiers of a new user namespace, when <see cref="NewNamespaces"/> has one.</summary>
    public UserNamespaceMap? UserMap { get; init; }

    /// <summary>Existing namespaces that the child enters.</summary>
    public IReadOnlyList<SafeFileHandle> EnterNamespaces { get; init; } = [];

    /// <summary>Mounts to make in a new mount namespace, after it is cut off from the caller's.</summary>
    public IReadOnlyList<SpawnMount> Mounts { get; init; } = [];

    /// <summary>A directory that becomes the child's root.</summary>
    public string? ChangeRoot { get; init; }

    /// <summary>Exec cannot raise privileges.</summary>
    public bool NoNewPrivileges { get; init; }

    /// <summary>Capabilities left in the bounding set; null: as the caller's.</summary>
    public CapabilitySet? KeepCapabilities { get; init; }

    /// <summary>A system call filter; needs <see cref="NoNewPrivileges"/> or privilege.</summary>
    public SeccompFilter? Filter { get; init; }

    /// <summary>Sent to the child when the thread that started it ends; 0: nothing.</summary>
    public int ParentDeathSignal { get; init; }
}
