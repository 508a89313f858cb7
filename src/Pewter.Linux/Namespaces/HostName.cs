using System.Runtime.InteropServices;
using System.Text;

namespace Pewter.Linux.Namespaces;

/// <summary>The host name of the calling process's UTS namespace.</summary>
public static unsafe partial class HostName
{
    /// <summary>Sets it.</summary>
    public static void Set(string name)
    {
        var bytes = Encoding.UTF8.GetBytes(name);
        fixed (byte* start = bytes)
        {
            LinuxException.Check(Call(start, (nuint)bytes.Length), $"set the host name to {name}");
        }
    }

    [LibraryImport(Libc.Name, EntryPoint = "sethostname", SetLastError = true)]
    private static partial int Call(byte* name, nuint length);
}
