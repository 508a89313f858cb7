using Microsoft.Win32.SafeHandles;
using Pewter.Linux.Spawning;

namespace Pewter.Linux.Mounts;

/// <summary>
/// Mounts that hang in no tree, held by a descriptor: made in one mount namespace, attached in another, which needs no right to make them
/// (open_tree(2), move_mount(2); Linux 5.2). One that is never attached goes with its descriptor.
/// </summary>
public static unsafe class DetachedMount
{
    private const int WorkingDirectory = -100;
    private const int CloneCloseOnExec = 0x80001;
    private const int Recursive = 0x8000;
    private const int EmptySourcePath = 4;

    /// <summary>Copies the mount at a path, with those below it or without.</summary>
    public static SafeFileHandle Copy(string path, bool recursive = false)
    {
        using var arena = new SpawnArena();
        var flags = CloneCloseOnExec | (recursive ? Recursive : 0);
        return Descriptors.Own((int)LinuxException.Check(
            Libc.Syscall(SyscallNumbers.OpenTree, WorkingDirectory, (nint)arena.Text(path), flags), $"take a copy of the mount {path}"));
    }

    /// <summary>Attaches a copy at a path of the caller's namespace.</summary>
    public static void Attach(int copy, string path)
    {
        using var arena = new SpawnArena();
        LinuxException.Check(
            Libc.Syscall(SyscallNumbers.MoveMount, copy, (nint)arena.Text(""), WorkingDirectory, (nint)arena.Text(path), EmptySourcePath),
            $"attach a mount at {path}");
    }
}
