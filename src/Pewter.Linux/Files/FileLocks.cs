using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace Pewter.Linux.Files;

/// <summary>Advisory locks of whole files (flock(2)), held until the handle is closed.</summary>
public static partial class FileLocks
{
    private const int Exclusive = 2;

    /// <summary>Waits for the lock and takes it.</summary>
    public static void Lock(SafeFileHandle file) => LinuxException.Check(Call(file.Number(), Exclusive), "lock a file");

    [LibraryImport(Libc.Name, EntryPoint = "flock", SetLastError = true)]
    private static partial int Call(int descriptor, int operation);
}
