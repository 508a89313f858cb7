using System.Runtime.InteropServices;
using System.Text;
using Microsoft.Win32.SafeHandles;

namespace Pewter.Linux.Sockets;

/// <summary>
/// Listening Unix sockets as plain descriptors, to be handed to another process. Unlike the runtime's sockets, closing one leaves its
/// path, so the listener may die here and live on there.
/// </summary>
public static unsafe partial class UnixListener
{
    private const int UnixFamily = 1;
    private const int StreamCloseOnExec = 0x80001;
    private const int LongestPath = 107;

    // More than ever connect to one agent at once: its daemon, a few tools.
    private const int Backlog = 128;

    /// <summary>Binds and listens; a socket that an earlier listener left at the path is replaced.</summary>
    public static SafeFileHandle Listen(string path)
    {
        var bytes = Encoding.UTF8.GetBytes(path);
        if (bytes.Length > LongestPath)
        {
            throw new LinuxException(LinuxErrno.EINVAL, $"listen on {path}: a socket's path has at most {LongestPath} bytes");
        }

        File.Delete(path);
        var handle = Descriptors.Own(LinuxException.Check(Create(UnixFamily, StreamCloseOnExec, 0), "create a socket"));

        // The path takes this mode when it is bound: whoever may connect is trusted with what is behind.
        File.SetUnixFileMode(handle, UnixFileMode.UserRead | UnixFileMode.UserWrite);
        Span<byte> address = stackalloc byte[LongestPath + 3];
        address.Clear();
        address[0] = UnixFamily;
        bytes.CopyTo(address[2..]);
        fixed (byte* start = address)
        {
            LinuxException.Check(Bind(handle.Number(), start, (uint)(bytes.Length + 3)), $"bind {path}");
        }

        LinuxException.Check(ListenCall(handle.Number(), Backlog), $"listen on {path}");
        return handle;
    }

    [LibraryImport(Libc.Name, EntryPoint = "socket", SetLastError = true)]
    private static partial int Create(int family, int type, int protocol);

    [LibraryImport(Libc.Name, EntryPoint = "bind", SetLastError = true)]
    private static partial int Bind(int descriptor, byte* address, uint length);

    [LibraryImport(Libc.Name, EntryPoint = "listen", SetLastError = true)]
    private static partial int ListenCall(int descriptor, int backlog);
}
