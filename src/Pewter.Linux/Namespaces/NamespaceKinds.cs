namespace Pewter.Linux.Namespaces;

/// <summary>Kinds of namespaces, as clone(2) numbers them.</summary>
[Flags]
public enum NamespaceKinds : uint
{
    /// <summary>None.</summary>
    None = 0,

    /// <summary>Mounts.</summary>
    Mount = 0x0002_0000,

    /// <summary>The view of cgroups.</summary>
    Cgroup = 0x0200_0000,

    /// <summary>Host and domain name.</summary>
    Uts = 0x0400_0000,

    /// <summary>System V IPC and POSIX queues.</summary>
    Ipc = 0x0800_0000,

    /// <summary>Users, groups and capabilities.</summary>
    User = 0x1000_0000,

    /// <summary>Process ids.</summary>
    Process = 0x2000_0000,

    /// <summary>Network interfaces, addresses, routes, ports.</summary>
    Network = 0x4000_0000,
}
