using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace Pewter.Linux.Files;

/// <summary>Changes names in a directory that is open, so that no path is looked up again.</summary>
/// <param name="Handle">The open directory; the caller's to close.</param>
public readonly partial record struct OpenDirectory(SafeFileHandle Handle)
{
    private const int RemoveDirectory = 0x200;

    /// <summary>Makes a directory.</summary>
    public void MakeDirectory(string name, uint mode) =>
        LinuxException.Check(MakeDirectoryAt(Handle.Number(), name, mode), $"make directory {name}");

    /// <summary>Removes a name.</summary>
    public void Unlink(string name, bool directory) =>
        LinuxException.Check(UnlinkAt(Handle.Number(), name, directory ? RemoveDirectory : 0), $"remove {name}");

    [LibraryImport(Libc.Name, EntryPoint = "mkdirat", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int MakeDirectoryAt(int directory, string name, uint mode);

    [LibraryImport(Libc.Name, EntryPoint = "unlinkat", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int UnlinkAt(int directory, string name, int flags);
}
