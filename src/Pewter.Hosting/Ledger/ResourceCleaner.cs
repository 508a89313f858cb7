using System.Globalization;
using Pewter.Linux;
using Pewter.Linux.Cgroups;
using Pewter.Linux.Mounts;
using Pewter.Linux.Processes;

namespace Pewter.Hosting.Ledger;

/// <summary>
/// Looks whether kernel resources are there, and removes them. Never touches one that is not the recorded one.
/// </summary>
public sealed class ResourceCleaner
{
    private const int Kill = 9;
    private const int Stop = 19;
    private static readonly TimeSpan CgroupPatience = TimeSpan.FromSeconds(5);

    private const string NetworkNamespaces = "/run/netns";

    private readonly CgroupHierarchies _cgroups = CgroupHierarchies.Read();

    /// <summary>Whether the resource is there now.</summary>
    public bool Exists(KernelResource resource)
    {
        ArgumentNullException.ThrowIfNull(resource);
        return resource.Kind switch
        {
            KernelResourceKind.Process => IsSameProcess(resource),
            KernelResourceKind.Cgroup => CgroupDirectories(resource).Any(Directory.Exists),
            KernelResourceKind.Mount => IsMounted(resource.Name),
            KernelResourceKind.Interface => Directory.Exists($"/sys/class/net/{resource.Name}"),
            KernelResourceKind.Namespace => File.Exists(Path.Combine(NetworkNamespaces, resource.Name)),
            KernelResourceKind.Directory => Directory.Exists(resource.Name),
            _ => File.Exists(resource.Name),
        };
    }

    /// <summary>Removes the resource if it is there.</summary>
    /// <exception cref="LinuxException">The kernel refused.</exception>
    /// <exception cref="IOException">A file could not be removed.</exception>
    public void Remove(KernelResource resource)
    {
        ArgumentNullException.ThrowIfNull(resource);
        if (!Exists(resource))
        {
            return;
        }

        switch (resource.Kind)
        {
            case KernelResourceKind.Process:
                KillWithDescendants(int.Parse(resource.Name, CultureInfo.InvariantCulture));

                // On a busy machine a killed process takes a moment to go.
                SpinWait.SpinUntil(() => !IsSameProcess(resource), CgroupPatience);
                break;
            case KernelResourceKind.Cgroup:
                using (var cgroup = Cgroup.Find(_cgroups, resource.Name))
                {
                    RemoveTree(cgroup);
                }

                break;
            case KernelResourceKind.Mount:
                KernelMounts.Unmount(resource.Name, detach: true);
                break;
            case KernelResourceKind.Interface:
                IpTool.Run("link", "delete", resource.Name);
                break;
            case KernelResourceKind.Namespace:
                IpTool.Run("netns", "delete", resource.Name);
                break;
            case KernelResourceKind.Directory:
                Directory.Delete(resource.Name, recursive: true);
                break;
            default:
                File.Delete(resource.Name);
                break;
        }
    }

    // Who may make no cgroups has only this to find what an agent runs. Stopped, the agent starts nothing, and those
    // whose parents are killed become its own children.
    private static void KillWithDescendants(int root)
    {
        ProcessControl.Signal(root, Stop);
        var started = TimeProvider.System.GetTimestamp();
        while (Descendants(root) is { Count: > 0 } left && TimeProvider.System.GetElapsedTime(started) < CgroupPatience)
        {
            left.ForEach(process => ProcessControl.Signal(process, Kill));
        }

        ProcessControl.Signal(root, Kill);
    }

    private static List<int> Descendants(int root)
    {
        var children = ProcessStat.ReadAll().ToLookup(stat => stat.Parent);
        var found = new List<ProcessStat>(children[root]);
        for (var i = 0; i < found.Count; i++)
        {
            found.AddRange(children[found[i].Id]);
        }

        return [.. found.Where(stat => stat.State is not ('Z' or 'X')).Select(stat => stat.Id)];
    }

    // A killed process leaves its cgroup when it has ended, which takes a moment.
    private static void RemoveTree(Cgroup cgroup)
    {
        var started = TimeProvider.System.GetTimestamp();
        do
        {
            cgroup.KillTree();
        }
        while (!cgroup.DeleteTree() && TimeProvider.System.GetElapsedTime(started) < CgroupPatience);
    }

    private IEnumerable<string> CgroupDirectories(KernelResource resource)
    {
        using var cgroup = Cgroup.Find(_cgroups, resource.Name);
        return [.. cgroup.Directories];
    }

    /// <summary>A number is used again after its process: only the start time tells.</summary>
    private static bool IsSameProcess(KernelResource resource) =>
        ProcessStat.Read(int.Parse(resource.Name, CultureInfo.InvariantCulture)) is { } stat
        && stat.StartTicks.ToString(CultureInfo.InvariantCulture) == resource.Mark
        && stat.State != 'Z';

    private static bool IsMounted(string directory) => File.ReadLines("/proc/self/mounts").Any(line => line.Split(' ')[1] == directory);
}
