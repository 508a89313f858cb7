using Pewter.Linux.Cgroups;
using Pewter.Linux.Processes;
using Pewter.Linux.Spawning;

namespace Pewter.Linux.Cells;

/// <summary>A cell that lives. What names it can be written down, and the cell found again by it.</summary>
public sealed class Cell : IDisposable
{
    private const int Kill = 9;
    private const int DeleteTries = 200;

    // A killed process leaves its cgroup some milliseconds after it was reaped.
    private static readonly TimeSpan FailedLaunchPatience = TimeSpan.FromSeconds(2);

    private readonly SpawnedProcess _agent;

    internal Cell(string name, string cgroup, string socketPath, SpawnedProcess agent, long startTicks, bool hasUserNamespace)
    {
        Name = name;
        CgroupName = cgroup;
        SocketPath = socketPath;
        _agent = agent;
        StartTicks = startTicks;
        HasUserNamespace = hasUserNamespace;
    }

    /// <summary>Its name.</summary>
    public string Name { get; }

    /// <summary>Its cgroup below each hierarchy's root; limits are set there.</summary>
    public string CgroupName { get; }

    /// <summary>Where its agent listens on the host.</summary>
    public string SocketPath { get; }

    /// <summary>Its process 1, as the host numbers it; <c>/proc/ID/ns/*</c> are its namespaces.</summary>
    public int ProcessId => _agent.Id;

    /// <summary>When process 1 started, in ticks since boot; with the id it names the process.</summary>
    public long StartTicks { get; }

    /// <summary>Whether capabilities are confined by a user namespace.</summary>
    public bool HasUserNamespace { get; }

    /// <summary>Whether process 1 lives.</summary>
    public bool IsAlive => ProcessStat.Read(ProcessId) is { State: not ('Z' or 'X') } stat && stat.StartTicks == StartTicks;

    /// <summary>Takes over a cell that an earlier launcher made; null when it is no more, and then nothing of it is left either.</summary>
    public static async ValueTask<Cell?> FindAsync(
        string name, string cgroup, string socketPath, int process, long startTicks, TimeProvider time, CancellationToken cancellation)
    {
        if (ProcessStat.Read(process) is { State: not ('Z' or 'X') } stat && stat.StartTicks == startTicks)
        {
            try
            {
                var agent = new SpawnedProcess(process, Pidfd.Open(process));
                return new Cell(name, cgroup, socketPath, agent, startTicks, hasUserNamespace: false);
            }
            catch (LinuxException gone) when (gone.Errno == LinuxErrno.ESRCH)
            {
                // It ended between the look and the open.
            }
        }

        await RemoveAsync(cgroup, socketPath, time, cancellation);
        return null;
    }

    /// <summary>Changes the limits of all it runs.</summary>
    public void SetLimits(CgroupLimits limits)
    {
        using var group = Cgroup.Create(CgroupHierarchies.Read(), CgroupName, CgroupLimits.None);
        group.SetLimits(limits);
    }

    /// <summary>
    /// Ends everything in it and takes away what it was made of. Killing process 1 of its namespace makes the kernel kill the rest, and
    /// the mounts, interfaces and files in memory go with the namespaces.
    /// </summary>
    public async ValueTask DestroyAsync(TimeProvider time, CancellationToken cancellation)
    {
        _agent.Pidfd.Signal(Kill);
        for (var tries = 0; tries < DeleteTries && !IsGone(); tries++)
        {
            await Task.Delay(TimeSpan.FromMilliseconds(1 + (tries / 4)), time, cancellation);
        }

        await RemoveAsync(CgroupName, SocketPath, time, cancellation);
        Dispose();
    }

    /// <summary>Lets go of the cell, which lives on.</summary>
    public void Dispose() => _agent.Pidfd.Dispose();

    internal static string InnerName(string cgroup) => $"{cgroup}/in";

    private bool IsGone()
    {
        try
        {
            return ProcessWait.TryWait(_agent.Pidfd.Number()) is not null;
        }
        catch (LinuxException notOurChild) when (notOurChild.Errno == LinuxErrno.ECHILD)
        {
            return !IsAlive;
        }
    }

    private static async ValueTask RemoveAsync(string cgroup, string socketPath, TimeProvider time, CancellationToken cancellation)
    {
        File.Delete(socketPath);
        var outer = Cgroup.Find(CgroupHierarchies.Read(), cgroup);
        for (var tries = 0; !TryRemove(outer); tries++)
        {
            if (tries == DeleteTries)
            {
                throw new LinuxException(LinuxErrno.EBUSY, $"remove the cgroup {cgroup}");
            }

            await Task.Delay(TimeSpan.FromMilliseconds(1 + (tries / 4)), time, cancellation);
        }
    }

    /// <summary>Clears away what a launch that failed has made.</summary>
    internal static void Remove(string cgroup, string socketPath)
    {
        File.Delete(socketPath);
        var outer = Cgroup.Find(CgroupHierarchies.Read(), cgroup);
        SpinWait.SpinUntil(() => TryRemove(outer), FailedLaunchPatience);
    }

    private static bool TryRemove(Cgroup outer)
    {
        outer.KillTree();
        return outer.DeleteTree();
    }
}
