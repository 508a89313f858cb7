using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace Pewter.Linux.Processes;

/// <summary>Reaps children with their resource usage (waitid(2) as the kernel has it, with the fifth argument).</summary>
public static unsafe class ProcessWait
{
    private const int AnyChild = 0;
    private const int ByPid = 1;
    private const int ByPidfd = 3;
    private const int DoNotWait = 1;
    private const int Exited = 4;
    private const int LeaveWaitable = 0x0100_0000;
    private const int CodeExited = 1;
    private const int CodeDumped = 3;
    private const int SignalInfoSize = 128;
    private const int UsageWords = 18;

    /// <summary>Waits for a child to end and reaps it.</summary>
    /// <exception cref="LinuxException">ECHILD: it is not a child of this process, or has been reaped.</exception>
    public static WaitStatus Wait(SafeFileHandle pidfd)
    {
        WaitStatus? status = null;
        Check(Call(ByPidfd, pidfd.Number(), Exited, out status));
        return status!.Value;
    }

    /// <summary>Reaps a child if it has ended; null when it has not.</summary>
    public static WaitStatus? TryWait(int pidfd)
    {
        Check(Call(ByPidfd, pidfd, Exited | DoNotWait, out var status));
        return status;
    }

    /// <summary>Looks at a child that has ended without reaping it, so that somebody else may if this process dies; null when it has not.</summary>
    public static WaitStatus? Peek(int pidfd)
    {
        Check(Call(ByPidfd, pidfd, Exited | DoNotWait | LeaveWaitable, out var status));
        return status;
    }

    /// <summary>Reaps a child by process id if it has ended; null when it has not or there is no such child.</summary>
    public static WaitStatus? TryWaitFor(int process)
    {
        var errno = Call(ByPid, process, Exited | DoNotWait, out var status);
        return errno == LinuxErrno.ECHILD ? null : status;
    }

    /// <summary>Looks at any child that has ended without reaping it; null when there is none.</summary>
    public static WaitStatus? PeekAny() => Any(Exited | DoNotWait | LeaveWaitable);

    /// <summary>Waits for any child to end without reaping it; null when there are no children.</summary>
    public static WaitStatus? PeekAnyWaiting() => Any(Exited | LeaveWaitable);

    private static WaitStatus? Any(int options)
    {
        var errno = Call(AnyChild, 0, options, out var status);
        if (errno == LinuxErrno.ECHILD)
        {
            return null;
        }

        Check(errno);
        return status;
    }

    private static void Check(int errno)
    {
        if (errno != 0)
        {
            throw new LinuxException(errno, "wait for a child");
        }
    }

    private static int Call(int kind, int id, int options, out WaitStatus? status)
    {
        status = null;
        var info = stackalloc byte[SignalInfoSize];
        var usage = stackalloc long[UsageWords];
        new Span<byte>(info, SignalInfoSize).Clear();
        while (Libc.Syscall(SyscallNumbers.WaitId, kind, id, (nint)info, options, (nint)usage) < 0)
        {
            var errno = Marshal.GetLastPInvokeError();
            if (errno != LinuxErrno.EINTR)
            {
                return errno;
            }
        }

        var process = *(int*)(info + 16);
        if (process != 0)
        {
            status = Read(info, process, ResourceUsage.From(new ReadOnlySpan<long>(usage, UsageWords)));
        }

        return 0;
    }

    // siginfo_t: signo, errno, code, (pad), then pid at 16 on 64-bit: the union is aligned to 8.
    private static WaitStatus Read(byte* info, int process, ResourceUsage usage)
    {
        var code = *(int*)(info + 8);
        var value = *(int*)(info + 24);
        return code == CodeExited
            ? new WaitStatus(process, value, 0, false, usage)
            : new WaitStatus(process, null, value, code == CodeDumped, usage);
    }
}
