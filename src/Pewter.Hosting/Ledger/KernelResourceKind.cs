namespace Pewter.Hosting.Ledger;

/// <summary>Kinds of kernel resources, in the order in which they are undone: what holds others comes first.</summary>
public enum KernelResourceKind
{
    /// <summary>A process; its number and the time of its start.</summary>
    Process,

    /// <summary>A cgroup with all processes in it; its name in every hierarchy.</summary>
    Cgroup,

    /// <summary>A mount; its directory.</summary>
    Mount,

    /// <summary>A network interface; its name in the daemon's own namespace.</summary>
    Interface,

    /// <summary>A named network namespace, as <c>ip netns</c> has them.</summary>
    Namespace,

    /// <summary>A directory outside of the state directory, with all that is in it; its path.</summary>
    Directory,

    /// <summary>A file or socket outside of the state directory; its path.</summary>
    File,
}
