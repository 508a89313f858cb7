using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace Pewter.Linux.Files;

/// <summary>
/// The calls on regular files that .NET has no face for: reads that refuse to wait for the disk, hole punching, extents, sendfile. Each
/// returns what the call returned, or the negative errno; none throws and none allocates.
/// </summary>
public static partial class FileCalls
{
    private const int NoWait = 8;
    private const int KeepSize = 1;
    private const int PunchHoleMode = 2;
    private const int SeekData = 3;
    private const int SeekHole = 4;

    /// <summary>Reads at an offset; may return fewer bytes, 0 at the end.</summary>
    public static unsafe long Read(SafeFileHandle file, Span<byte> buffer, long offset)
    {
        fixed (byte* start = buffer)
            return Result(PRead(file, start, (nuint)buffer.Length, offset));
    }

    /// <summary>Reads what is in the page cache; EAGAIN (-11) when nothing is, EOPNOTSUPP (-95) when the file system cannot tell.</summary>
    public static unsafe long ReadNoWait(SafeFileHandle file, Span<byte> buffer, long offset)
    {
        fixed (byte* start = buffer)
        {
            var vector = new IoVector { Base = start, Length = (nuint)buffer.Length };
            return Result(PReadV2(file, &vector, 1, (nint)offset, 0, NoWait));
        }
    }

    /// <summary>Writes at an offset; may write fewer bytes.</summary>
    public static unsafe long Write(SafeFileHandle file, ReadOnlySpan<byte> data, long offset)
    {
        fixed (byte* start = data)
            return Result(PWrite(file, start, (nuint)data.Length, offset));
    }

    /// <summary>fdatasync(2): content and what is needed to read it back is on the disk.</summary>
    public static int DataSync(SafeFileHandle file) => (int)Result(FDataSync(file));

    /// <summary>Frees a range, which then reads as zeroes; the length of the file stays.</summary>
    public static int PunchHole(SafeFileHandle file, long offset, long length) =>
        (int)Result(FAllocate(file, PunchHoleMode | KeepSize, offset, length));

    /// <summary>Reserves space for a range without changing the file's length.</summary>
    public static int Reserve(SafeFileHandle file, long offset, long length) =>
        (int)Result(FAllocate(file, KeepSize, offset, length));

    /// <summary>Where data begins at or after <paramref name="offset"/>; ENXIO (-6) when there is none.</summary>
    public static long NextData(SafeFileHandle file, long offset) => Result(LSeek(file, offset, SeekData));

    /// <summary>Where a hole begins at or after <paramref name="offset"/>; the end of the file counts as one.</summary>
    public static long NextHole(SafeFileHandle file, long offset) => Result(LSeek(file, offset, SeekHole));

    /// <summary>Tells the kernel what comes; see <see cref="FileAdvice"/>.</summary>
    public static int Advise(SafeFileHandle file, long offset, long length, FileAdvice advice) =>
        -PosixFAdvise(file, offset, length, (int)advice);

    /// <summary>Copies from a file to a socket inside the kernel; may copy fewer bytes.</summary>
    public static unsafe long SendFile(SafeHandle socket, SafeFileHandle file, long offset, int count) =>
        Result(SendFileCall(socket, file, &offset, (nuint)count));

    /// <summary>Sends bytes that a <see cref="SendFile"/> follows, so that TCP puts both into one segment; may send fewer.</summary>
    public static unsafe long SendBeforeFile(SafeHandle socket, ReadOnlySpan<byte> data)
    {
        const int NoSignal = 0x4000, More = 0x8000;
        fixed (byte* start = data)
            return Result(SendCall(socket, start, (nuint)data.Length, NoSignal | More));
    }

    /// <summary>Gives a file, or a symbolic link itself, to a user and a group.</summary>
    /// <exception cref="LinuxException">It could not be given.</exception>
    public static void ChangeOwner(string path, uint user, uint group) =>
        LinuxException.Check(LChown(path, user, group), $"give {path} to user {user}");

    /// <summary>Makes creations, renames and removals in a directory durable.</summary>
    public static int SyncDirectory(string path)
    {
        const int DirectoryReadOnlyCloseOnExec = 0x10000 | 0x80000;
        using SafeFileHandle directory = Open(path, DirectoryReadOnlyCloseOnExec, 0);
        return directory.IsInvalid ? -Marshal.GetLastPInvokeError() : (int)Result(FSync(directory));
    }

    /// <summary>Bytes of disk space that the file occupies, as <c>st_blocks</c> tells.</summary>
    public static unsafe long AllocatedBytes(SafeFileHandle file)
    {
        // struct statx: stx_blocks is the 64-bit word at offset 48, in units of 512 bytes, on every architecture.
        const int EmptyPath = 0x1000;
        const uint Blocks = 0x400;
        byte* status = stackalloc byte[256];
        long result = Result(StatX(file, "", EmptyPath, Blocks, status));
        return result < 0 ? result : *(long*)(status + 48) * 512;
    }

    private static long Result(nint value) => value >= 0 ? value : -Marshal.GetLastPInvokeError();

    [LibraryImport("libc", EntryPoint = "lchown", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int LChown(string path, uint user, uint group);

    [LibraryImport("libc", EntryPoint = "pread64", SetLastError = true)]
    private static unsafe partial nint PRead(SafeFileHandle file, byte* buffer, nuint count, long offset);

    [LibraryImport("libc", EntryPoint = "preadv2", SetLastError = true)]
    private static unsafe partial nint PReadV2(
        SafeFileHandle file, IoVector* vectors, int count, nint offsetLow, nint offsetHigh, int flags);

    [LibraryImport("libc", EntryPoint = "pwrite64", SetLastError = true)]
    private static unsafe partial nint PWrite(SafeFileHandle file, byte* buffer, nuint count, long offset);

    [LibraryImport("libc", EntryPoint = "fdatasync", SetLastError = true)]
    private static partial int FDataSync(SafeFileHandle file);

    [LibraryImport("libc", EntryPoint = "fsync", SetLastError = true)]
    private static partial int FSync(SafeFileHandle file);

    [LibraryImport("libc", EntryPoint = "fallocate64", SetLastError = true)]
    private static partial int FAllocate(SafeFileHandle file, int mode, long offset, long length);

    [LibraryImport("libc", EntryPoint = "lseek64", SetLastError = true)]
    private static partial nint LSeek(SafeFileHandle file, long offset, int whence);

    [LibraryImport("libc", EntryPoint = "posix_fadvise64")]
    private static partial int PosixFAdvise(SafeFileHandle file, long offset, long length, int advice);

    [LibraryImport("libc", EntryPoint = "sendfile64", SetLastError = true)]
    private static unsafe partial nint SendFileCall(SafeHandle socket, SafeFileHandle file, long* offset, nuint count);

    [LibraryImport("libc", EntryPoint = "send", SetLastError = true)]
    private static unsafe partial nint SendCall(SafeHandle socket, byte* buffer, nuint count, int flags);

    [LibraryImport("libc", EntryPoint = "open64", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial SafeFileHandle Open(string path, int flags, int mode);

    [LibraryImport("libc", EntryPoint = "statx", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static unsafe partial int StatX(SafeFileHandle directory, string path, int flags, uint mask, byte* status);
}
