using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace Pewter.Linux.Files;

/// <summary>Makes writes durable.</summary>
public static partial class FileSync
{
    /// <summary>Returns when the content, and the metadata needed to read it back, is on the device (fdatasync(2)).</summary>
    public static void Data(SafeFileHandle file) => LinuxException.Check(SyncData(file.Number()), "sync a file");

    [LibraryImport(Libc.Name, EntryPoint = "fdatasync", SetLastError = true)]
    private static partial int SyncData(int descriptor);
}
