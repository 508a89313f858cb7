using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace Pewter.Linux.Sockets;

/// <summary>
/// Two Unix stream sockets that are connected (socketpair(2)): what one end's process closes or dies with, the other
/// end sees.
/// </summary>
public static unsafe partial class SocketPair
{
    private const int UnixFamily = 1;
    private const int StreamCloseOnExec = 0x80001;
    private const int SequencedNonBlockingCloseOnExec = 0x80805;

    /// <summary>Creates a pair.</summary>
    public static (SafeFileHandle One, SafeFileHandle Other) Create()
    {
        var ends = stackalloc int[2];
        LinuxException.Check(Call(UnixFamily, StreamCloseOnExec, 0, ends), "create a socket pair");
        return (Descriptors.Own(ends[0]), Descriptors.Own(ends[1]));
    }

    /// <summary>
    /// Creates a pair that keeps messages apart and never makes its user wait (SOCK_SEQPACKET), as numbers that are the caller's to close.
    /// </summary>
    public static (int One, int Other) CreateSequenced()
    {
        var ends = stackalloc int[2];
        LinuxException.Check(Call(UnixFamily, SequencedNonBlockingCloseOnExec, 0, ends), "create a socket pair");
        return (ends[0], ends[1]);
    }

    [LibraryImport(Libc.Name, EntryPoint = "socketpair", SetLastError = true)]
    private static partial int Call(int domain, int type, int protocol, int* ends);
}
