using System.Runtime.InteropServices;

namespace Pewter.Linux.Pipes;

/// <summary>Pipes as raw descriptors, closed on exec.</summary>
public static unsafe partial class AnonymousPipe
{
    /// <summary>The most that an ordinary user may ask for.</summary>
    public const int LargeCapacity = 1024 * 1024;

    private const int CloseOnExec = 0x80000;
    private const int NonBlocking = 0x800;
    private const int SetPipeSize = 1031;

    /// <summary>Makes a pipe; both ends are the caller's to close.</summary>
    /// <param name="wait">
    /// False: reads and writes of both ends answer EAGAIN instead of waiting. An end that is opened anew through /proc waits.
    /// </param>
    public static (int Reader, int Writer) Create(bool wait = true)
    {
        var ends = stackalloc int[2];
        LinuxException.Check(Pipe2(ends, wait ? CloseOnExec : CloseOnExec | NonBlocking), "make a pipe");
        return (ends[0], ends[1]);
    }

    /// <summary>Asks for a capacity; the kernel may refuse more than its limit, which leaves the pipe as it was.</summary>
    public static bool TrySetCapacity(int descriptor, int bytes) => Libc.Fcntl(descriptor, SetPipeSize, bytes) >= 0;

    /// <summary>Bytes that can be read from a pipe now; 0 when it cannot be told.</summary>
    public static int Available(int descriptor)
    {
        const nuint BytesToRead = 0x541B;
        var count = 0;
        return Libc.Ioctl(descriptor, BytesToRead, (nint)(&count)) < 0 ? 0 : count;
    }

    [LibraryImport(Libc.Name, EntryPoint = "pipe2", SetLastError = true)]
    private static partial int Pipe2(int* ends, int flags);
}
