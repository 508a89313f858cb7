using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace Pewter.Linux.Memory;

/// <summary>
/// Memory that processes share by handing a descriptor over (memfd_create(2)). Its size is sealed: a peer can write
/// into it, and can not take pages away from
/// under a reader.
/// </summary>
public static partial class SharedMemory
{
    private const uint CloseOnExecAllowSealing = 0x1 | 0x2;
    private const int AddSeals = 1033;
    private const int GetSeals = 1034;
    private const int SealSealShrinkGrow = 0x1 | 0x2 | 0x4;
    private const int SealShrink = 0x2;

    /// <summary>Creates memory of this size, all zero; pages are taken when they are first written.</summary>
    /// <param name="name">What it is called in /proc; not unique.</param>
    /// <param name="bytes">Its size, of whole pages.</param>
    public static SafeFileHandle Create(string name, long bytes)
    {
        var handle = Descriptors.Own(LinuxException.Check(CreateCall(name, CloseOnExecAllowSealing), "create shared memory"));
        LinuxException.Check(Truncate(handle.Number(), bytes), $"size shared memory to {bytes} bytes");
        LinuxException.Check(Libc.Fcntl(handle.Number(), AddSeals, SealSealShrinkGrow), "seal shared memory");
        return handle;
    }

    /// <summary>Whether it is of this size and can not shrink.</summary>
    public static bool IsSealed(SafeFileHandle memory, long bytes) =>
        (Libc.Fcntl(memory.Number(), GetSeals, 0) & SealShrink) == SealShrink && RandomAccess.GetLength(memory) == bytes;

    [LibraryImport(Libc.Name, EntryPoint = "memfd_create", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int CreateCall(string name, uint flags);

    [LibraryImport(Libc.Name, EntryPoint = "ftruncate", SetLastError = true)]
    private static partial int Truncate(int descriptor, long length);
}
