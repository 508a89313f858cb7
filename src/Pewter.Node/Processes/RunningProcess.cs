using Microsoft.Win32.SafeHandles;
using Pewter.Linux.Cgroups;
using Pewter.Linux.Spawning;

namespace Pewter.Node.Processes;

/// <summary>The process of a session: what names it, where it is kept, since when.</summary>
public sealed class RunningProcess
{
    private volatile bool _isOver;

    internal RunningProcess(SpawnedProcess process, long startTicks, DateTimeOffset startedAt, Cgroup? cgroup, bool isChild)
    {
        Id = process.Id;
        Pidfd = process.Pidfd;
        StartTicks = startTicks;
        StartedAt = startedAt;
        Cgroup = cgroup;
        IsChild = isChild;
    }

    /// <summary>Process id; also the id of its group and session.</summary>
    public int Id { get; }

    /// <summary>Names the process without a race.</summary>
    public SafeFileHandle Pidfd { get; }

    /// <summary>When it started in clock ticks since boot; with the id it names the process over restarts of the agent.</summary>
    public long StartTicks { get; }

    /// <summary>When it started.</summary>
    public DateTimeOffset StartedAt { get; }

    /// <summary>Where it and what it started are kept together; null without cgroups, and when all of it is over.</summary>
    public Cgroup? Cgroup { get; internal set; }

    /// <summary>False for a process that an earlier agent started: its parent is another.</summary>
    public bool IsChild { get; }

    /// <summary>The main process has ended.</summary>
    public bool IsOver => _isOver;

    internal bool IsLimited { get; set; }

    internal void MarkOver() => _isOver = true;
}
