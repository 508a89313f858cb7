using System.Collections.Concurrent;
using System.Globalization;
using Pewter.Linux.Cgroups;

namespace Pewter.Node.Processes;

/// <summary>
/// Cgroups for sessions, below the agent's own. A session without limits gets one that an earlier session left empty, because making one
/// costs as much as a tenth of a launch. Any number of threads.
/// </summary>
internal sealed class CgroupPool
{
    private const int KeptEmpty = 64;

    // A killed process leaves its cgroup some milliseconds later, on a loaded machine some hundred.
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);

    private readonly ConcurrentBag<Cgroup> _empty = [];

    // Emptied by a kill whose victims are still on their way out; tried again with the next one that is returned.
    private readonly ConcurrentQueue<Cgroup> _lingering = [];
    private readonly CgroupHierarchies _hierarchies;
    private readonly string _root;
    private long _last;

    internal CgroupPool(string root)
    {
        _root = root;
        _hierarchies = CgroupHierarchies.Read();
        IsUsable = _hierarchies.Unified is not null || _hierarchies.Version1.Count > 0;
    }

    /// <summary>Whether any hierarchy is mounted here.</summary>
    internal bool IsUsable { get; }

    internal Cgroup Rent(CgroupLimits limits)
    {
        if (limits.IsEmpty && _empty.TryTake(out var group))
        {
            return group;
        }

        var number = Interlocked.Increment(ref _last).ToString(CultureInfo.InvariantCulture);

        // Something must hold the members for the kill of all, and the pids controller is there wherever version 2 is not.
        var needed = _hierarchies.Unified is null && limits.Processes is null ? limits with { Processes = int.MaxValue >> 10 } : limits;
        return Cgroup.Create(_hierarchies, $"{_root}/{number}", needed);
    }

    /// <summary>Names the cgroup that a process of an earlier agent was left in.</summary>
    internal Cgroup Adopt(string name)
    {
        if (long.TryParse(name.AsSpan(name.LastIndexOf('/') + 1), CultureInfo.InvariantCulture, out var number))
        {
            _last = Math.Max(_last, number);
        }

        return Cgroup.Find(_hierarchies, name);
    }

    /// <summary>Takes a cgroup back; whatever is still inside is killed.</summary>
    internal void Return(Cgroup group, bool limited)
    {
        if (!group.IsEmpty)
        {
            group.KillAll();
        }

        if (!limited && !group.WasKilled && group.UnifiedHandle is { IsInvalid: false } && _empty.Count < KeptEmpty)
        {
            _empty.Add(group);
            return;
        }

        group.Dispose();
        _lingering.Enqueue(group);
        for (var left = _lingering.Count; left > 0 && _lingering.TryDequeue(out var one); left--)
        {
            if (!one.DeleteTree())
            {
                _lingering.Enqueue(one);
            }
        }
    }

    /// <summary>
    /// Kills and removes everything below the agent's cgroup but what is kept: also the cgroup, empty or not, of a program that an agent
    /// was starting when it was killed. Returns how many processes there were.
    /// </summary>
    internal int Sweep(IReadOnlySet<string> kept)
    {
        var killed = 0;
        var groups = Cgroup.Find(_hierarchies, _root).Children().Where(name => !kept.Contains(name))
            .Select(name => Cgroup.Find(_hierarchies, name)).ToList();
        foreach (var group in groups)
        {
            killed += group.Members().Count;
            group.KillTree();
        }

        SpinWait.SpinUntil(() => groups.RemoveAll(group => group.DeleteTree()) >= 0 && groups.Count == 0, Patience);
        return killed;
    }

    /// <summary>Removes every cgroup there is, and the agent's own.</summary>
    internal void Close()
    {
        while (_empty.TryTake(out var group))
        {
            group.Dispose();
        }

        Sweep(new HashSet<string>());
        Cgroup.Find(_hierarchies, _root).Delete();
    }
}
