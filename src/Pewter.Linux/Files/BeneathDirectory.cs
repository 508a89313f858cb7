using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;
using Pewter.Linux.Spawning;

namespace Pewter.Linux.Files;

/// <summary>
/// Opens files below a directory that no name can leave: not by "..", an absolute path, a symbolic link or a /proc link, even while
/// others rename (openat2(2)). Any number of threads.
/// </summary>
public sealed unsafe class BeneathDirectory : IDisposable
{
    /// <summary>Opens for nothing but as a starting point and fstat.</summary>
    public const int PathOnly = 0x200000;

    /// <summary>Fails on a symbolic link at the end of the path.</summary>
    public const int NoFollow = 0x20000;

    private const int CloseOnExec = 0x80000;
    private const int DirectoryOnly = 0x10000;
    private const ulong NoMagicLinks = 2;
    private const ulong NoSymlinks = 4;
    private const ulong Beneath = 8;

    private readonly SafeFileHandle _root;

    /// <summary>Confines to a directory.</summary>
    public BeneathDirectory(string path) => _root = Descriptors.Own(Descriptors.Open(path, PathOnly | DirectoryOnly));

    /// <summary>The directory.</summary>
    public SafeFileHandle Root => _root;

    /// <summary>
    /// Opens a relative path. ELOOP: a symbolic link is on the way (or a magic one, with <paramref name="followLinks"/>). EXDEV: it
    /// leads out.
    /// </summary>
    public SafeFileHandle Open(string path, int flags, uint mode = 0, bool followLinks = false)
    {
        using var arena = new SpawnArena();
        var how = arena.Allocate<ulong>(3);
        how[0] = (ulong)(uint)(flags | CloseOnExec);
        how[1] = mode;
        how[2] = Beneath | NoMagicLinks | (followLinks ? 0 : NoSymlinks);
        var descriptor = Libc.Syscall(SyscallNumbers.OpenAt2, _root.Number(), (nint)arena.Text(path), (nint)how, 24);
        return descriptor >= 0
            ? Descriptors.Own((int)descriptor)
            : throw new LinuxException(Marshal.GetLastPInvokeError(), $"open {path} below its root");
    }

    /// <inheritdoc/>
    public void Dispose() => _root.Dispose();
}
