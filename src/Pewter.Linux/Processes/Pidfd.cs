using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace Pewter.Linux.Processes;

/// <summary>Descriptors that name a process without the races of numbers (pidfd_open(2)). Readable once the process has ended.</summary>
public static class Pidfd
{
    /// <summary>Names a process that exists now.</summary>
    /// <exception cref="LinuxException">ESRCH: there is none.</exception>
    public static SafeFileHandle Open(int process) => Descriptors.Own(
        (int)LinuxException.Check(Libc.Syscall(SyscallNumbers.PidfdOpen, process), $"find process {process}"));

    /// <summary>Sends a signal. False when the process has ended and been reaped.</summary>
    public static bool Signal(this SafeFileHandle pidfd, int signal)
    {
        if (Libc.Syscall(SyscallNumbers.PidfdSendSignal, pidfd.Number(), signal) == 0)
        {
            return true;
        }

        var errno = Marshal.GetLastPInvokeError();
        return errno == LinuxErrno.ESRCH ? false : throw new LinuxException(errno, $"send signal {signal}");
    }

    /// <summary>Copies a descriptor out of another process, which takes the right to trace it.</summary>
    public static SafeFileHandle CopyDescriptor(this SafeFileHandle pidfd, int descriptor) => Descriptors.Own(
        (int)LinuxException.Check(
            Libc.Syscall(SyscallNumbers.PidfdGetFd, pidfd.Number(), descriptor), $"copy descriptor {descriptor} of a process"));
}
