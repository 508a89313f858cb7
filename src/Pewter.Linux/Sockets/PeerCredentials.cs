using System.Runtime.InteropServices;

namespace Pewter.Linux.Sockets;

/// <summary>Who connected a Unix socket, as the kernel saw it then (SO_PEERCRED, unix(7)).</summary>
public static unsafe partial class PeerCredentials
{
    private const int SocketLevel = 1;
    private const int Credentials = 17;

    /// <summary>The process, user and group numbers.</summary>
    public static (int Process, uint User, uint Group) Of(SafeHandle socket)
    {
        var numbers = stackalloc int[3];
        uint length = 3 * sizeof(int);
        LinuxException.Check(GetOption(socket.Number(), SocketLevel, Credentials, numbers, &length), "ask who connects");
        return (numbers[0], (uint)numbers[1], (uint)numbers[2]);
    }

    [LibraryImport(Libc.Name, EntryPoint = "getsockopt", SetLastError = true)]
    private static partial int GetOption(int socket, int level, int option, void* value, uint* length);
}
