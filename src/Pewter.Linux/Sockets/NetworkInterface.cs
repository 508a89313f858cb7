using System.Runtime.InteropServices;
using System.Text;

namespace Pewter.Linux.Sockets;

/// <summary>The few interface settings that need no netlink.</summary>
public static unsafe partial class NetworkInterface
{
    private const int InternetFamily = 2;
    private const int DatagramCloseOnExec = 0x80002;
    private const nuint GetFlags = 0x8913;
    private const nuint SetFlags = 0x8914;
    private const short Up = 1;
    private const int NameSize = 16;

    /// <summary>Brings an interface of the calling thread's network namespace up; a new namespace's loopback is down.</summary>
    public static void BringUp(string name)
    {
        using var socket = Descriptors.Own(LinuxException.Check(Create(InternetFamily, DatagramCloseOnExec, 0), "create a socket"));
        var request = stackalloc byte[40];
        new Span<byte>(request, 40).Clear();
        Encoding.ASCII.GetBytes(name, new Span<byte>(request, NameSize - 1));
        LinuxException.Check(Libc.Ioctl(socket.Number(), GetFlags, (nint)request), $"look at interface {name}");
        *(short*)(request + NameSize) |= Up;
        LinuxException.Check(Libc.Ioctl(socket.Number(), SetFlags, (nint)request), $"bring interface {name} up");
    }

    [LibraryImport(Libc.Name, EntryPoint = "socket", SetLastError = true)]
    private static partial int Create(int family, int type, int protocol);
}
