using Pewter.Linux;
using Pewter.Linux.Cgroups;
using Pewter.Linux.Processes;
using Pewter.Linux.Spawning;

namespace Pewter.Node.Processes;

/// <summary>Finds a process that an earlier agent started, with the pipes that it prints into.</summary>
internal static class Adoption
{
    private const int ReadOnlyNonBlocking = 0x800;
    private const int AccessMode = 3;
    private const int ReadWrite = 2;

    internal static (RunningProcess Process, int Output, int Error)? TryFind(StartLine start, Func<string, Cgroup?> cgroup)
    {
        if (start.Boot != BootIdentity.Current || !IsSame(start))
        {
            return null;
        }

        try
        {
            var pidfd = Pidfd.Open(start.ProcessId);

            // Between the look and the open the number could have passed on; afterwards it cannot.
            if (!IsSame(start))
            {
                pidfd.Dispose();
                return null;
            }

            var child = new SpawnedProcess(start.ProcessId, pidfd);
            var process = new RunningProcess(
                child, start.StartTicks, start.StartedAt, start.Cgroup.Length > 0 ? cgroup(start.Cgroup) : null, isChild: false);
            return (process, Reopen(start.ProcessId, 1), Reopen(start.ProcessId, 2));
        }
        catch (LinuxException)
        {
            return null;
        }
    }

    private static bool IsSame(StartLine start) =>
        ProcessStat.Read(start.ProcessId) is { State: not ('Z' or 'X') } stat && stat.StartTicks == start.StartTicks;

    // Only a pipe that an agent made is open for reading and writing; anything else is the program's own.
    private static int Reopen(int process, int descriptor)
    {
        var path = $"/proc/{process}/fd/{descriptor}";
        try
        {
            var isPipe = new FileInfo(path).LinkTarget?.StartsWith("pipe:", StringComparison.Ordinal) == true;
            var flags = File.ReadLines($"/proc/{process}/fdinfo/{descriptor}").First(line => line.StartsWith("flags:", StringComparison.Ordinal));
            var mode = Convert.ToInt32(flags["flags:".Length..].Trim(), 8) & AccessMode;
            return isPipe && mode == ReadWrite ? Descriptors.Open(path, ReadOnlyNonBlocking) : -1;
        }
        catch (IOException)
        {
            return -1;
        }
    }
}
