using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace Pewter.Linux.Files;

/// <summary>What statx(2) tells of an open file, a path-only handle included.</summary>
/// <param name="Mode">Type and permission bits.</param>
/// <param name="User">Owner's number.</param>
/// <param name="Group">Group's number.</param>
/// <param name="Links">Names it has.</param>
/// <param name="Inode">Its number on its device.</param>
/// <param name="Device">The device, as one number.</param>
/// <param name="Size">Bytes.</param>
/// <param name="ModifiedAt">Last change of the content.</param>
public readonly partial record struct FileStatus(
    uint Mode, uint User, uint Group, uint Links, ulong Inode, ulong Device, long Size, DateTimeOffset ModifiedAt)
{
    private const int EmptyPath = 0x1000;
    private const uint BasicFields = 0x7FF;

    /// <summary>Looks at a file.</summary>
    public static unsafe FileStatus Of(SafeFileHandle file)
    {
        // struct statx: mask 0, links 16, uid 20, gid 24, mode 28, inode 32, size 40, mtime 112, device major 136, minor 140.
        var raw = stackalloc byte[256];
        LinuxException.Check(Call(file.Number(), "", EmptyPath, BasicFields, raw), "look at a file");
        return new FileStatus(
            *(ushort*)(raw + 28),
            *(uint*)(raw + 20),
            *(uint*)(raw + 24),
            *(uint*)(raw + 16),
            *(ulong*)(raw + 32),
            ((ulong)*(uint*)(raw + 136) << 32) | *(uint*)(raw + 140),
            *(long*)(raw + 40),
            DateTimeOffset.FromUnixTimeSeconds(*(long*)(raw + 112)).AddTicks(*(uint*)(raw + 120) / 100));
    }

    [LibraryImport(Libc.Name, EntryPoint = "statx", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static unsafe partial int Call(int directory, string path, int flags, uint mask, byte* result);
}
