using System.Runtime.InteropServices;
using Pewter.Linux.Spawning;

namespace Pewter.Linux.Processes;

/// <summary>Signals, priorities, limits and CPUs of running processes.</summary>
public static unsafe partial class ProcessControl
{
    private const int SetChildSubreaper = 36;
    private const int SetName = 15;
    private const int SetParentDeathSignal = 1;

    /// <summary>Makes orphans of this process's descendants its children instead of process 1's.</summary>
    public static void BecomeSubreaper() =>
        LinuxException.Check(Libc.Prctl(SetChildSubreaper, 1, 0, 0, 0), "become the reaper of descendants");

    /// <summary>Has the kernel send a signal to this process when the thread that started it ends.</summary>
    public static void DieWithParent(int signal) =>
        LinuxException.Check(Libc.Prctl(SetParentDeathSignal, signal, 0, 0, 0), "bind the life to the parent");

    /// <summary>Sets the name shown for the calling thread; 15 bytes are kept.</summary>
    public static void NameThread(string name)
    {
        using var arena = new SpawnArena();
        LinuxException.Check(Libc.Prctl(SetName, (nint)arena.Text(name), 0, 0, 0), "name a thread");
    }

    /// <summary>Sends a signal to a process; to its group with a negative id. False when there is none.</summary>
    public static bool Signal(int process, int signal)
    {
        if (Libc.Kill(process, signal) == 0)
        {
            return true;
        }

        var errno = Marshal.GetLastPInvokeError();
        return errno == LinuxErrno.ESRCH ? false : throw new LinuxException(errno, $"send signal {signal} to {process}");
    }

    /// <summary>Makes this process deaf to a signal. Children start with the default again.</summary>
    public static void Ignore(int signal)
    {
        const nint IgnoreHandler = 1;
        _ = SetHandler(signal, IgnoreHandler);
    }

    /// <summary>Sets the nice value of a process.</summary>
    public static void SetNice(int process, int nice) =>
        LinuxException.Check(SetPriority(0, (uint)process, nice), $"set the nice value of process {process}");

    /// <summary>Sets the nice value of every process of a group.</summary>
    public static void SetGroupNice(int group, int nice) =>
        LinuxException.Check(SetPriority(1, (uint)group, nice), $"set the nice value of process group {group}");

    /// <summary>Sets a limit of a running process and returns the one before.</summary>
    public static ResourceLimit SetLimit(int process, ResourceLimit limit)
    {
        var wanted = stackalloc ulong[2] { limit.Soft, limit.Hard };
        var old = stackalloc ulong[2];
        LinuxException.Check(
            Libc.Syscall(SyscallNumbers.ProcessLimit, process, (nint)limit.Kind, (nint)wanted, (nint)old),
            $"limit {limit.Kind} of process {process}");
        return limit with { Soft = old[0], Hard = old[1] };
    }

    /// <summary>Chooses the CPUs that a process's main thread may run on.</summary>
    public static void SetCpus(int process, IEnumerable<int> cpus)
    {
        var mask = stackalloc byte[128];
        new Span<byte>(mask, 128).Clear();
        foreach (var cpu in cpus)
        {
            mask[cpu / 8] |= (byte)(1 << (cpu % 8));
        }

        LinuxException.Check(
            Libc.Syscall(SyscallNumbers.SetAffinity, process, 128, (nint)mask), $"choose the CPUs of process {process}");
    }

    [LibraryImport(Libc.Name, EntryPoint = "signal", SetLastError = true)]
    private static partial nint SetHandler(int signal, nint handler);

    [LibraryImport(Libc.Name, EntryPoint = "setpriority", SetLastError = true)]
    private static partial int SetPriority(int which, uint who, int priority);
}
