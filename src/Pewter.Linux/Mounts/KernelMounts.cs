using System.Runtime.InteropServices;

namespace Pewter.Linux.Mounts;

/// <summary>Changes the mounts of the calling process's mount namespace.</summary>
public static partial class KernelMounts
{
    private const int DetachFlag = 2;

    /// <summary>Mounts a filesystem, binds a directory or changes flags.</summary>
    public static void Mount(string source, string target, string? type, MountFlags flags = MountFlags.None, string? options = null) =>
        LinuxException.Check(MountCall(source, target, type, (nuint)flags, options), $"mount {source} on {target}");

    /// <summary>Unmounts; with <paramref name="detach"/> at once from sight and fully when no longer used.</summary>
    public static void Unmount(string target, bool detach = false) =>
        LinuxException.Check(UnmountCall(target, detach ? DetachFlag : 0), $"unmount {target}");

    /// <summary>
    /// Makes <paramref name="root"/>, a mount point, the root of the namespace and takes the old root out of sight: nothing outside can
    /// be reached by any path.
    /// </summary>
    public static void PivotRoot(string root)
    {
        Environment.CurrentDirectory = root;

        // With both arguments ".", the old root is stacked on the new one and is then detached (pivot_root(2), "pivot_root(".", ".")").
        LinuxException.Check(PivotCall(".", "."), $"make {root} the root");
        LinuxException.Check(UnmountCall(".", DetachFlag), "detach the old root");
        Environment.CurrentDirectory = "/";
    }

    private static unsafe int PivotCall(string root, string old)
    {
        using var arena = new Spawning.SpawnArena();
        return (int)Libc.Syscall(SyscallNumbers.PivotRoot, (nint)arena.Text(root), (nint)arena.Text(old));
    }

    [LibraryImport(Libc.Name, EntryPoint = "mount", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int MountCall(string source, string target, string? type, nuint flags, string? options);

    [LibraryImport(Libc.Name, EntryPoint = "umount2", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int UnmountCall(string target, int flags);
}
