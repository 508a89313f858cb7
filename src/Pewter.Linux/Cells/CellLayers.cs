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

    /// <summary>Makes the mounts, attached nowhere: the root, then what is shown in it. On the host there is nothing of them to be seen.</summary>
    internal static IReadOnlyList<SafeFileHandle> Make(CellSpec spec) => OwnThread.Run(() => MakeHere(spec));

    // The thread has a mount namespace of its own, which ends with it.
    private static List<SafeFileHandle> MakeHere(CellSpec spec)
    {
        NamespaceHandle.UnshareThread(NamespaceKinds.Mount);
        KernelMounts.Mount("none", "/", null, MountFlags.Private | MountFlags.Recursive);

        // The staging hides what was at its place: whatever is needed from there is opened first.
        using var lower = OpenPath(spec.Root);
        var sources = spec.Binds.Select(bind => OpenPath(bind.Source)).ToList();
        var staging = CellRoot.StagingDirectory();
        KernelMounts.Mount("cell", staging, "tmpfs", MountFlags.None, Size(spec) is { } size ? $"mode=755,{size}" : "mode=755");
        var mounts = new List<SafeFileHandle> { MakeRoot(spec, staging, ProcPath(lower)) };
        for (var i = 0; i < sources.Count; i++)
        {
            mounts.Add(MakeBind(spec.Binds[i], $"{staging}/{i}", ProcPath(sources[i])));
            sources[i].Dispose();
        }

        return mounts;
    }

    private static SafeFileHandle OpenPath(string path) => Descriptors.Own(Descriptors.Open(path, BeneathDirectory.PathOnly));

    private static string ProcPath(SafeFileHandle handle) => $"/proc/self/fd/{handle.Number()}";

    private static SafeFileHandle MakeRoot(CellSpec spec, string staging, string below)
    {
        foreach (var part in (ReadOnlySpan<string>)["root", "upper", "work"])
        {
            Directory.CreateDirectory($"{staging}/{part}");
        }

        if (!spec.UserMap.IsRootOutside)
        {
            MakeWritable(below, $"{staging}/upper", spec.UserMap.Root);
        }

        var layers = $"lowerdir={below},upperdir={staging}/upper,workdir={staging}/work";
        KernelMounts.Mount("cell", $"{staging}/root", "overlay", MountFlags.NoDevices, layers);
        return DetachedMount.Copy($"{staging}/root");
    }

    private static SafeFileHandle MakeBind(CellBind bind, string place, string source)
    {
        MakePlace(place, Directory.Exists(source));
        KernelMounts.Mount(source, place, null, MountFlags.Bind | MountFlags.Recursive);
        if (bind.ReadOnly)
        {
            KernelMounts.Mount("none", place, null, MountFlags.Bind | MountFlags.Remount | MountFlags.ReadOnly | MountFlags.NoSetUser);
        }

        return DetachedMount.Copy(place, recursive: true);
    }

    private static void MakePlace(string path, bool isDirectory)
    {
        Directory.CreateDirectory(isDirectory ? path : Path.GetDirectoryName(path)!);
        if (!isDirectory)
        {
            File.WriteAllBytes(path, []);
        }
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
