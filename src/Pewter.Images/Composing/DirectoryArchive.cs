using Pewter.Images.Initramfs;
using Pewter.Linux;
using Pewter.Linux.Files;

namespace Pewter.Images.Composing;

/// <summary>Adds a directory of this machine to an initramfs: files, links and directories, all of root's.</summary>
internal static class DirectoryArchive
{
    /// <summary>Adds everything below a directory; returns the paths that were added.</summary>
    public static HashSet<string> Add(CpioWriter archive, string directory, CancellationToken cancellation)
    {
        var added = new HashSet<string>(StringComparer.Ordinal);
        Add(archive, new DirectoryInfo(directory), "", added, cancellation);
        return added;
    }

    private static void Add(CpioWriter archive, DirectoryInfo directory, string below, HashSet<string> added, CancellationToken cancellation)
    {
        foreach (var entry in directory.EnumerateFileSystemInfos().OrderBy(entry => entry.Name, StringComparer.Ordinal))
        {
            cancellation.ThrowIfCancellationRequested();
            var path = $"{below}/{entry.Name}";
            if (entry.LinkTarget is { } target)
            {
                archive.AddSymlink(path, target);
            }
            else if (entry is DirectoryInfo child)
            {
                archive.AddDirectory(path, (uint)entry.UnixFileMode);
                Add(archive, child, path, added, cancellation);
            }
            else if (IsPlain(entry.FullName))
            {
                archive.AddFile(path, File.ReadAllBytes(entry.FullName), (uint)entry.UnixFileMode);
            }

            added.Add(path);
        }
    }

    // Devices, pipes and sockets belong to a running system; its kernel makes them.
    private static bool IsPlain(string path)
    {
        const int PathOnly = 0x200000, NoFollow = 0x20000;
        const uint Type = 0xF000, Regular = 0x8000;
        using var handle = Descriptors.Own(Descriptors.Open(path, PathOnly | NoFollow));
        return (FileStatus.Of(handle).Mode & Type) == Regular;
    }
}
