using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace Pewter.Linux;

/// <summary>Reads, writes and closes of raw descriptors for loops that own theirs: no exception and no allocation on the way.</summary>
public static unsafe class Descriptors
{
    private const int SetFlags = 4;
    private const int GetFlags = 3;
    private const int NonBlocking = 0x800;
    private const int DuplicateCloseOnExec = 1030;

    /// <summary>Reads once. Returns the count, 0 at the end, or the negative errno.</summary>
    public static int Read(int descriptor, Span<byte> buffer)
    {
        fixed (byte* start = buffer)
        {
            var count = (int)Libc.Read(descriptor, start, (nuint)buffer.Length);
            return count >= 0 ? count : -Marshal.GetLastPInvokeError();
        }
    }

    /// <summary>Writes once. Returns the count or the negative errno.</summary>
    public static int Write(int descriptor, ReadOnlySpan<byte> data)
    {
        fixed (byte* start = data)
        {
            var count = (int)Libc.Write(descriptor, start, (nuint)data.Length);
            return count >= 0 ? count : -Marshal.GetLastPInvokeError();
        }
    }

    /// <summary>Closes; errors of a close tell nothing that can be acted on.</summary>
    public static void Close(int descriptor) => _ = Libc.Close(descriptor);

    /// <summary>Makes reads and writes answer EAGAIN instead of waiting, for every holder of the open description.</summary>
    public static void SetNonBlocking(int descriptor)
    {
        var flags = LinuxException.Check(Libc.Fcntl(descriptor, GetFlags, 0), "read descriptor flags");
        LinuxException.Check(Libc.Fcntl(descriptor, SetFlags, flags | NonBlocking), "set descriptor flags");
    }

    /// <summary>Duplicates onto the lowest free number at or above <paramref name="least"/>, closed on exec.</summary>
    public static int Duplicate(int descriptor, int least = 0) =>
        LinuxException.Check(Libc.Fcntl(descriptor, DuplicateCloseOnExec, least), "duplicate a descriptor");

    /// <summary>Opens a path closed on exec; <paramref name="flags"/> as in open(2).</summary>
    public static int Open(string path, int flags, uint mode = 0)
    {
        const int CloseOnExec = 0x80000;
        return LinuxException.Check(Libc.Open(path, flags | CloseOnExec, mode), $"open {path}");
    }

    /// <summary>
    /// Reads the start of a small file, such as one of /proc, without the locks, looks and seeks of a stream. Returns the count, or the
    /// negative errno.
    /// </summary>
    public static int ReadStart(string path, Span<byte> buffer)
    {
        const int CloseOnExec = 0x80000;
        var descriptor = Libc.Open(path, CloseOnExec);
        if (descriptor < 0)
        {
            return -Marshal.GetLastPInvokeError();
        }

        var count = Read(descriptor, buffer);
        Close(descriptor);
        return count;
    }

    /// <summary>The raw number of a handle that the caller keeps alive for as long as the number is used.</summary>
    public static int Number(this SafeHandle handle) => (int)handle.DangerousGetHandle();

    /// <summary>Wraps a number whose ownership passes to the handle.</summary>
    public static SafeFileHandle Own(int descriptor) => new(descriptor, ownsHandle: true);
}
