using System.Runtime.InteropServices;
using System.Text;
using Microsoft.Win32.SafeHandles;

namespace Pewter.Linux.Files;

/// <summary>Reads symbolic links by a path-only handle on them.</summary>
public static unsafe partial class SymbolicLink
{
    private const int LongestPath = 4096;

    /// <summary>Where it leads.</summary>
    public static string Read(SafeFileHandle link)
    {
        var target = stackalloc byte[LongestPath];
        var length = LinuxException.Check(Call(link.Number(), "", target, LongestPath), "read a link");
        return Encoding.UTF8.GetString(new ReadOnlySpan<byte>(target, (int)length));
    }

    [LibraryImport(Libc.Name, EntryPoint = "readlinkat", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial nint Call(int directory, string path, byte* target, nuint size);
}
