using System.Runtime.InteropServices;

namespace Pewter.Linux.Files;

/// <summary>Another name for a file: one copy on the disk, gone with its last name (link(2)).</summary>
public static partial class HardLink
{
    /// <summary>Gives a file another name; nothing happens when there is a file of that name.</summary>
    /// <exception cref="LinuxException">ENOENT, EMLINK, EXDEV, ENOSPC and what else the file system says.</exception>
    public static void Ensure(string existing, string name)
    {
        if (Link(existing, name) < 0 && Marshal.GetLastPInvokeError() is var errno and not LinuxErrno.EEXIST)
        {
            throw new LinuxException(errno, $"link {existing} to {name}");
        }
    }

    [LibraryImport("libc", EntryPoint = "link", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int Link(string existing, string name);
}
