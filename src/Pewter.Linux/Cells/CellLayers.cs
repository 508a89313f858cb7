using System.Globalization;
using Microsoft.Win32.SafeHandles;
using Pewter.Linux.Files;
using Pewter.Linux.Mounts;
using Pewter.Linux.Namespaces;

namespace Pewter.Linux.Cells;

/// <summary>
/// The files of a cell: an overlay in memory over a directory of the host. The launcher makes it, not the cell: in a user namespace the
/// kernel lets nobody look under the host's mounts, and what is made here cannot be undone from inside.
/// </summary>
internal static class CellLayers
{
    // Where the root of an ordinary system writes. Each is a directory of the cell's own over the host's, whose files show through.
    private static readonly string[] Writable =
    [
        "etc", "home", "media", "mnt", "opt", "srv", "usr", "usr/bin", "usr/lib", "usr/local", "usr/local/bin", "usr/local/lib",
        "usr/local/share", "usr/sbin", "usr/share", "var", "var/cache", "var/lib", "var/log", "var/spool", "var/tmp",
    ];

    private static readonly string[] OpenToAll = ["var/tmp"];

    /// <summary>Makes the mount, attached nowhere. On the host there is nothing of it to be seen.</summary>
    internal static SafeFileHandle Make(CellSpec spec) => OwnThread.Run(() => MakeHere(spec));

    // The thread has a mount namespace of its own, which ends with it.
    private static SafeFileHandle MakeHere(CellSpec spec)
    {
        NamespaceHandle.UnshareThread(NamespaceKinds.Mount);
        KernelMounts.Mount("none", "/", null, MountFlags.Private | MountFlags.Recursive);

        // The staging hides what was at its place: the directory below is opened first.
        using var lower = Descriptors.Own(Descriptors.Open(spec.Root, BeneathDirectory.PathOnly));
        var staging = CellRoot.StagingDirectory();
        KernelMounts.Mount("cell", staging, "tmpfs", MountFlags.None, Size(spec) is { } size ? $"mode=755,{size}" : "mode=755");
        foreach (var part in (ReadOnlySpan<string>)["root", "upper", "work"])
        {
            Directory.CreateDirectory($"{staging}/{part}");
        }

        var below = $"/proc/self/fd/{lower.Number()}";
        if (!spec.UserMap.IsRootOutside)
        {
            MakeWritable(below, $"{staging}/upper", spec.UserMap.Root);
        }

        var layers = $"lowerdir={below},upperdir={staging}/upper,workdir={staging}/work";
        KernelMounts.Mount("cell", $"{staging}/root", "overlay", MountFlags.NoDevices, layers);
        return DetachedMount.Copy($"{staging}/root");
    }

    private static void MakeWritable(string lower, string upper, uint root)
    {
        FileCalls.ChangeOwner(upper, root, root);
        foreach (var name in Writable.Where(name => new DirectoryInfo($"{lower}/{name}") is { Exists: true, LinkTarget: null }))
        {
            Directory.CreateDirectory($"{upper}/{name}");
            FileCalls.ChangeOwner($"{upper}/{name}", root, root);
        }

        const UnixFileMode Everybody = (UnixFileMode)0x3FF;
        foreach (var name in OpenToAll.Where(name => Directory.Exists($"{upper}/{name}")))
        {
            File.SetUnixFileMode($"{upper}/{name}", Everybody);
        }
    }

    private static string? Size(CellSpec spec) => (spec.WritableBytes ?? spec.Limits.MemoryBytes) is { } bytes
        ? string.Create(CultureInfo.InvariantCulture, $"size={bytes}")
        : null;
}
