namespace Pewter.Hosting.Ledger;

/// <summary>Something that lives in the kernel and not in the store: it outlives the daemon, and somebody has to remove it.</summary>
/// <param name="Kind">What it is.</param>
/// <param name="Name">Its name: a process's number, a mount's directory, a cgroup's name, an interface, a network namespace, a file.</param>
/// <param name="Service">Whose it is.</param>
/// <param name="Mark">Tells it from a later one of the same name: for a process the time of its start, in ticks since boot.</param>
public sealed record KernelResource(KernelResourceKind Kind, string Name, string Service, string Mark = "")
{
    internal string Id => $"{Kind.ToString().ToLowerInvariant()}:{Name}";
}
