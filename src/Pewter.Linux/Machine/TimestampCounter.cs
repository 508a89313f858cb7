using System.Diagnostics;
using System.Runtime.InteropServices;

namespace Pewter.Linux.Machine;

/// <summary>The processor's time-stamp counter, which a translated guest reads as it is.</summary>
public static unsafe class TimestampCounter
{
    private const int ReadWrite = 3;
    private const int ReadExecute = 5;
    private const int PrivateAnonymous = 0x22;

    // Long enough that the two looks at the clock, a microsecond each at worst, are a thousandth of it.
    private static readonly TimeSpan Measured = TimeSpan.FromMilliseconds(20);

    /// <summary>Its rate in kHz, measured against the monotonic clock; null where there is no such counter.</summary>
    public static long? Kilohertz { get; } = RuntimeInformation.ProcessArchitecture == Architecture.X64 ? Measure() : null;

    // rdtsc; shl rdx, 32; or rax, rdx; ret
    private static ReadOnlySpan<byte> Code => [0x0F, 0x31, 0x48, 0xC1, 0xE2, 0x20, 0x48, 0x09, 0xD0, 0xC3];

    private static long Measure()
    {
        var page = LinuxException.Check(Libc.MemoryMap(0, 4096, ReadWrite, PrivateAnonymous, -1, 0), "map a page");
        Code.CopyTo(new Span<byte>((void*)page, 4096));
        LinuxException.Check((int)Libc.Syscall(SyscallNumbers.MemoryProtect, page, 4096, ReadExecute), "make a page executable");
        var read = (delegate* unmanaged<ulong>)page;
        var (start, first) = (Stopwatch.GetTimestamp(), read());
        while (Stopwatch.GetElapsedTime(start) < Measured)
        {
        }

        var (last, elapsed) = (read(), Stopwatch.GetElapsedTime(start));
        return (long)((last - first) / elapsed.TotalMilliseconds);
    }
}
