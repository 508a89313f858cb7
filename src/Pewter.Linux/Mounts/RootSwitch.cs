using Pewter.Linux.Spawning;

namespace Pewter.Linux.Mounts;

/// <summary>
/// Leaves an initramfs for a real root, as switch_root(8) does: what is mounted beside it goes along, the files in memory go, and another program
/// goes on as this process.
/// </summary>
public static unsafe class RootSwitch
{
    private static readonly string[] Kernel = ["/dev", "/proc", "/sys", "/run"];

    /// <summary>Does not return but by an exception.</summary>
    /// <param name="root">Where the new root is mounted.</param>
    /// <param name="program">Its process 1, and its arguments.</param>
    public static void To(string root, params ReadOnlySpan<string> program)
    {
        foreach (var mount in Kernel)
        {
            Directory.CreateDirectory(root + mount);
            KernelMounts.Mount(mount, root + mount, null, MountFlags.Move);
        }

        Environment.CurrentDirectory = root;
        Forget(root);
        KernelMounts.Mount(".", "/", null, MountFlags.Move);
        using var arena = new SpawnArena();
        LinuxException.Check(Libc.Syscall(SyscallNumbers.ChangeRoot, (nint)arena.Text(".")), $"make {root} the root");
        Environment.CurrentDirectory = "/";
        var (path, words) = ((nint)arena.Text(program[0]), (nint)arena.Texts([.. program]));
        var variables = arena.Texts(["PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin", "HOME=/", "TERM=linux"]);
        LinuxException.Check(Libc.Syscall(SyscallNumbers.Execute, path, words, (nint)variables), $"start {program[0]}");
    }

    // The memory of an initramfs is not given back by itself. What cannot be removed costs memory and nothing else.
    private static void Forget(string root)
    {
        foreach (var entry in new DirectoryInfo("/").EnumerateFileSystemInfos())
        {
            try
            {
                if (entry is DirectoryInfo { LinkTarget: null } directory)
                {
                    if (directory.FullName != root && !Kernel.Contains(directory.FullName))
                    {
                        directory.Delete(recursive: true);
                    }
                }
                else
                {
                    entry.Delete();
                }
            }
            catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
            {
                // See above.
            }
        }
    }
}
