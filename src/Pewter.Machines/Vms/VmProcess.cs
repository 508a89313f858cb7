using System.Globalization;
using Pewter.Linux;
using Pewter.Linux.Cgroups;
using Pewter.Linux.Namespaces;
using Pewter.Linux.Processes;
using Pewter.Linux.Spawning;
using Pewter.Machines.Qemu;
using Pewter.NineP;

namespace Pewter.Machines.Vms;

/// <summary>
/// A QEMU that runs, in a session and a cgroup of its own, so that it outlives the daemon. What names it can be written
/// down.
/// </summary>
/// <param name="Id">Its process.</param>
/// <param name="Ticks">When it started, in ticks since boot.</param>
internal sealed record VmProcess(int Id, long Ticks)
{
    private const int OpenReadWrite = 2;
    private const int Kill = 9;
    private static readonly TimeSpan StartPatience = TimeSpan.FromSeconds(20);
    private static readonly TimeSpan EndPatience = TimeSpan.FromSeconds(10);

    /// <summary>Whether it lives.</summary>
    public bool IsAlive => Id > 0 && ProcessStat.Read(Id) is { State: not ('Z' or 'X') } stat && stat.StartTicks == Ticks;

    /// <summary>Starts it and returns with its monitor when it answers there.</summary>
    /// <param name="vm">The machine.</param>
    /// <param name="cgroup">Its cgroup, which is made.</param>
    /// <param name="pins">CPUs that it runs on; empty: all.</param>
    /// <param name="network">The network namespace that it starts in; null: the daemon's.</param>
    /// <param name="time">The clock.</param>
    /// <param name="cancellation">Ends the start, and the process.</param>
    /// <exception cref="FileException">EIO: QEMU ended, with what it said.</exception>
    public static async Task<(VmProcess Process, QmpClient Monitor)> StartAsync(
        VmModel vm, string cgroup, IReadOnlyList<int> pins, string? network, TimeProvider time, CancellationToken cancellation)
    {
        vm.Files.Delete();
        var process = await Task.Run(() => Spawn(vm, cgroup, pins, network), cancellation);
        var start = time.GetTimestamp();
        while (true)
        {
            try
            {
                cancellation.ThrowIfCancellationRequested();
                return (process, await QmpClient.ConnectAsync(vm.Files.Monitor, cancellation));
            }
            catch (QmpException) when (process.IsAlive && time.GetElapsedTime(start) < StartPatience)
            {
                await Task.Delay(TimeSpan.FromMilliseconds(2), time, CancellationToken.None);
            }
            catch (Exception failure) when (failure is QmpException or OperationCanceledException)
            {
                await process.EndAsync(time);
                cancellation.ThrowIfCancellationRequested();
                throw new FileException(Errno.EIO, $"QEMU did not start: {Complaint(vm.Files) ?? failure.Message}", failure);
            }
        }
    }

    /// <summary>The process that was written down; of number 0 when none was.</summary>
    public static VmProcess Parse(string? id, string? ticks) => new(
        int.TryParse(id, CultureInfo.InvariantCulture, out var process) ? process : 0,
        long.TryParse(ticks, CultureInfo.InvariantCulture, out var start) ? start : 0);

    /// <summary>What QEMU complained about last; null when about nothing.</summary>
    public static string? Complaint(VmFiles files) => File.Exists(files.Errors)
        ? File.ReadLines(files.Errors).LastOrDefault(line => !line.Contains("warning:", StringComparison.Ordinal))?.Trim()
        : null;

    /// <summary>Kills it if it lives, and returns when it is gone.</summary>
    public async Task EndAsync(TimeProvider time)
    {
        if (Id == 0)
        {
            return;
        }

        if (IsAlive)
        {
            ProcessControl.Signal(Id, Kill);
        }

        var start = time.GetTimestamp();
        while (!IsGone() && time.GetElapsedTime(start) < EndPatience)
        {
            await Task.Delay(TimeSpan.FromMilliseconds(2), time);
        }
    }

    /// <summary>Kills whatever is in a cgroup and removes it.</summary>
    public static async Task EndGroupAsync(string cgroup, TimeProvider time)
    {
        using var group = Cgroup.Find(CgroupHierarchies.Read(), cgroup);
        var start = time.GetTimestamp();
        while (!Remove(group))
        {
            if (time.GetElapsedTime(start) > EndPatience)
            {
                throw new FileException(Errno.EBUSY, $"the cgroup {cgroup} cannot be removed: something in it does not end.");
            }

            await Task.Delay(TimeSpan.FromMilliseconds(2), time);
        }
    }

    /// <summary>
    /// Makes the cgroup of a machine. Its limits are QEMU's own: it is there to be found and ended by.
    /// </summary>
    public static Cgroup CreateGroup(string name)
    {
        var hierarchies = CgroupHierarchies.Read();
        return Cgroup.Create(hierarchies, name, CgroupLimits.None, hierarchies.Version1.Keys.Intersect(["pids"]));
    }

    private static bool Remove(Cgroup group)
    {
        group.KillTree();
        return group.DeleteTree();
    }

    private static VmProcess Spawn(VmModel vm, string cgroup, IReadOnlyList<int> pins, string? network)
    {
        using var nothing = Descriptors.Own(Descriptors.Open("/dev/null", OpenReadWrite));
        using var errors = File.OpenHandle(vm.Files.Errors, FileMode.Create, FileAccess.Write, FileShare.ReadWrite);
        using var group = CreateGroup(cgroup);
        using var entered = network is null ? null : NamespaceHandle.OpenFile(network);
        var child = ProcessSpawner.Spawn(new SpawnOptions
        {
            Path = VmPlace.QemuPath,
            Arguments = ["qemu-system-x86_64", .. QemuCommandLine.Build(vm)],
            Environment = ["PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin", "HOME=/", "LANG=C.UTF-8"],
            WorkingDirectory = "/",
            NewSession = true,
            Descriptors = [new(nothing.Number(), 0), new(nothing.Number(), 1), new(errors.Number(), 2)],
            Cpus = pins,
            EnterNamespaces = entered is null ? [] : [entered],
            UnifiedCgroup = group.UnifiedHandle,
            JoinCgroups = group.Joins,
        });
        child.Pidfd.Dispose();
        return new VmProcess(child.Id, ProcessStat.Read(child.Id)?.StartTicks ?? 0);
    }

    // A child that ended waits for its parent, if that is this daemon, to take note.
    private bool IsGone()
    {
        if (ProcessStat.Read(Id) is not { } stat || stat.StartTicks != Ticks)
        {
            return true;
        }

        return stat.State is 'Z' or 'X' && (ProcessWait.TryWaitFor(Id) is not null || !IsAlive);
    }
}
