using Pewter.Linux.Spawning;

namespace Pewter.Linux.Machine;

/// <summary>Loads kernel modules.</summary>
public static unsafe class KernelModule
{
    /// <summary>Loads a module file, uncompressed; one that is loaded already is well.</summary>
    public static void Load(string path)
    {
        using var file = Descriptors.Own(Descriptors.Open(path, 0));
        using var arena = new SpawnArena();
        if (Libc.Syscall(SyscallNumbers.LoadModule, file.Number(), (nint)arena.Text(""), 0) < 0)
        {
            var failure = LinuxException.Last($"load module {path}");
            if (failure.Errno != LinuxErrno.EEXIST)
            {
                throw failure;
            }
        }
    }
}
