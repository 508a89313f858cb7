using System.Globalization;
using System.Text;
using Pewter.Linux.Cgroups;
using Pewter.Linux.Files;
using Pewter.Linux.Namespaces;
using Pewter.Linux.Pipes;
using Pewter.Linux.Processes;
using Pewter.Linux.Sockets;
using Pewter.Linux.Spawning;

namespace Pewter.Linux.Cells;

/// <summary>
/// Makes cells. A cell outlives its launcher; <see cref="Cell.FindAsync"/> takes it over by what was written down about it. Any number of
/// threads may launch at once.
/// </summary>
public static class CellLauncher
{
    private const NamespaceKinds Always =
        NamespaceKinds.Mount | NamespaceKinds.Process | NamespaceKinds.Uts | NamespaceKinds.Ipc | NamespaceKinds.Cgroup;

    private const int OpenReadWrite = 2;

    /// <summary>Launches a cell and returns when its agent is ready to be spoken to. Takes some ten milliseconds of the calling thread.</summary>
    /// <exception cref="LinuxException">It could not be made; nothing is left behind.</exception>
    public static Cell Launch(CellSpec spec)
    {
        var hierarchies = CgroupHierarchies.Read();
        var outer = Cgroup.Create(hierarchies, CgroupName(spec), spec.Limits);
        Cgroup? inner = null;
        var done = false;
        try
        {
            inner = Cgroup.Create(hierarchies, Cell.InnerName(outer.Name), CgroupLimits.None, ControllersInside(hierarchies));
            if (!spec.UserMap.IsRootOutside)
            {
                inner.GiveTo(spec.UserMap.Root);
            }

            var cell = Start(spec, outer, inner);
            done = true;
            return cell;
        }
        finally
        {
            inner?.Dispose();
            outer.Dispose();
            if (!done)
            {
                Cell.Remove(outer.Name, spec.SocketPath);
            }
        }
    }

    private static string CgroupName(CellSpec spec) => $"{spec.CgroupParent}/{spec.Name}";

    private static IEnumerable<string> ControllersInside(CgroupHierarchies hierarchies) =>
        hierarchies.Version1.Keys.Intersect(["cpu", "memory", "pids"]);

    private static Cell Start(CellSpec spec, Cgroup outer, Cgroup inner)
    {
        using var listener = UnixListener.Listen(spec.SocketPath);
        if (spec.Binds.Count > CellSetup.MostBinds)
        {
            throw new LinuxException(LinuxErrno.E2BIG, $"show {spec.Binds.Count} things of the host in a cell, which takes {CellSetup.MostBinds}");
        }

        var mounts = CellLayers.Make(spec);
        try
        {
            return Start(spec, outer, inner, (listener.Number(), [.. mounts.Select(mount => mount.Number())]));
        }
        finally
        {
            foreach (var mount in mounts)
            {
                mount.Dispose();
            }
        }
    }

    private static Cell Start(CellSpec spec, Cgroup outer, Cgroup inner, (int Listener, int[] Mounts) given)
    {
        if (spec.UserNamespace)
        {
            try
            {
                return Start(spec, outer, inner, given, spec.UserMap);
            }
            catch (LinuxException failure) when (
                spec.UserMap.IsRootOutside && failure.Errno is LinuxErrno.EPERM or LinuxErrno.ENOSPC or LinuxErrno.EINVAL)
            {
                // User namespaces are forbidden or used up here: the cell is confined by capabilities and its filter alone.
            }
        }

        return spec.UserMap.IsRootOutside
            ? Start(spec, outer, inner, given, null)
            : throw new LinuxException(LinuxErrno.EPERM, $"make the cell {spec.Name} without a user namespace: its root would be the host's");
    }

    private static Cell Start(CellSpec spec, Cgroup outer, Cgroup inner, (int Listener, int[] Mounts) given, UserNamespaceMap? map)
    {
        using var nothing = Descriptors.Own(Descriptors.Open("/dev/null", OpenReadWrite));

        // By descriptor, because the cell's root need not have the right to walk to the program.
        using var program = Descriptors.Own(Descriptors.Open(spec.AgentPath, BeneathDirectory.PathOnly));
        var (ready, told) = AnonymousPipe.Create();
        SpawnedProcess? agent = null;
        try
        {
            agent = ProcessSpawner.Spawn(Describe(spec, inner, program.Number(), nothing.Number(), given, told, map));
            Descriptors.Close(told);
            told = -1;
            var complaint = ReadToEnd(ready);
            if (complaint.Length > 0)
            {
                throw new LinuxException(LinuxErrno.EPERM, $"set up the cell {spec.Name}: {complaint}");
            }

            var ticks = ProcessStat.Read(agent.Id)?.StartTicks ?? 0;
            var cell = new Cell(spec.Name, outer.Name, spec.SocketPath, agent, ticks, map is not null);
            agent = null;
            return cell;
        }
        finally
        {
            Descriptors.Close(ready);
            if (told >= 0)
            {
                Descriptors.Close(told);
            }

            if (agent is not null)
            {
                agent.Pidfd.Signal(9);
                ProcessWait.Wait(agent.Pidfd);
                agent.Pidfd.Dispose();
            }
        }
    }

    private static SpawnOptions Describe(
        CellSpec spec, Cgroup inner, int program, int nothing, (int Listener, int[] Mounts) given, int told, UserNamespaceMap? map)
    {
        var setup = new CellSetup
        {
            Name = spec.Name,
            IsRootForeign = map is { IsRootOutside: false },
            IsNetworkNew = spec.Network is null,
            Binds = spec.Binds,
        };
        return new SpawnOptions
        {
            Path = string.Create(CultureInfo.InvariantCulture, $"/proc/self/fd/{program}"),
            Arguments = ["pewter-node", "cell", .. setup.ToArguments(), .. spec.AgentArguments],
            Environment = ["PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin", "HOME=/root", "LANG=C.UTF-8"],
            WorkingDirectory = "/",
            Descriptors =
            [
                new(nothing, 0),
                new(nothing, 1),
                new(nothing, 2),
                new(given.Listener, CellSetup.ListenDescriptor),
                new(told, CellSetup.ReadyDescriptor),
                .. given.Mounts.Select((mount, i) => new DescriptorMapping(mount, CellSetup.RootDescriptor + i)),
            ],
            NewSession = true,
            NewNamespaces = Always
                | (spec.Network is null ? NamespaceKinds.Network : NamespaceKinds.None)
                | (map is null ? NamespaceKinds.None : NamespaceKinds.User),
            EnterNamespaces = spec.Network is { } network ? [network] : [],
            UserMap = map,
            UnifiedCgroup = inner.UnifiedHandle,
            JoinCgroups = inner.Joins,
        };
    }

    private static string ReadToEnd(int descriptor)
    {
        Span<byte> buffer = stackalloc byte[1024];
        var text = new StringBuilder();
        for (var count = 1; count > 0;)
        {
            count = Descriptors.Read(descriptor, buffer);
            text.Append(Encoding.UTF8.GetString(buffer[..Math.Max(count, 0)]));
            count = count == -LinuxErrno.EINTR ? 1 : count;
        }

        return text.ToString();
    }
}
