using System.ComponentModel;
using System.Diagnostics;
using System.Runtime.InteropServices;

namespace Pewter.Store.Benchmarks;

/// <summary>What the disk itself can do: a loop that writes 4 KiB over a file that has its size already, and fdatasync.</summary>
internal static partial class BareDisk
{
    private const int FileLength = 4 << 20;

    /// <summary>Rounds a second.</summary>
    public static double Measure(string directory, TimeSpan duration)
    {
        var path = Path.Combine(directory, "bare");
        var block = new byte[4096];
        using var file = File.OpenHandle(path, FileMode.Create, FileAccess.ReadWrite);
        RandomAccess.Write(file, new byte[FileLength], 0);
        RandomAccess.FlushToDisk(file);
        var watch = Stopwatch.StartNew();
        var rounds = 0;
        for (; watch.Elapsed < duration; rounds++)
        {
            RandomAccess.Write(file, block, rounds * 4096L % FileLength);
            if (DataSync((int)file.DangerousGetHandle()) != 0)
                throw new Win32Exception(Marshal.GetLastPInvokeError());
        }
        return rounds / watch.Elapsed.TotalSeconds;
    }

    [LibraryImport("libc", EntryPoint = "fdatasync", SetLastError = true)]
    private static partial int DataSync(int descriptor);
}
