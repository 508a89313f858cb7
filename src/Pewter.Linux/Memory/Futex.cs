using System.Runtime.InteropServices;

namespace Pewter.Linux.Memory;

/// <summary>
/// Sleeping on a word of memory, which may be shared between processes (futex(2)). The memory is the caller's and does
/// not move.
/// </summary>
public static unsafe class Futex
{
    /// <summary>Words that one call can wait on (FUTEX_WAITV_MAX).</summary>
    public const int WordsMax = 128;

    private const int FutexCall = 202;
    private const int WaitManyCall = 449;
    private const int WaitOperation = 0;
    private const int WakeOperation = 1;
    private const int ClockMonotonic = 1;

    /// <summary>Whether the kernel can wait on several words at once (Linux 5.16).</summary>
    public static bool WaitsOnMany { get; } = Probe();

    /// <summary>Sleeps while the word has the value, at most for so long; a spurious return is possible.</summary>
    public static void Wait(int* word, int value, TimeSpan timeout)
    {
        var time = Time(timeout);
        _ = Libc.Syscall(FutexCall, (nint)word, WaitOperation, value, timeout < TimeSpan.Zero ? 0 : (nint)(&time));
    }

    /// <summary>Wakes at most so many who sleep on the word; returns how many it were.</summary>
    public static int Wake(int* word, int count = 1) => (int)Libc.Syscall(FutexCall, (nint)word, WakeOperation, count);

    /// <summary>Sleeps while every word has its value, at most for so long; a spurious return is possible.</summary>
    public static void WaitMany(ReadOnlySpan<FutexWord> words, TimeSpan timeout)
    {
        // The deadline is absolute, by the monotonic clock.
        TimeSpec deadline = default;
        if (timeout >= TimeSpan.Zero)
        {
            TimeSpec now;
            _ = Libc.Syscall(ClockGetTime, ClockMonotonic, (nint)(&now));
            var wait = Time(timeout);
            deadline = new TimeSpec { Seconds = now.Seconds + wait.Seconds, Nanoseconds = now.Nanoseconds + wait.Nanoseconds };
            if (deadline.Nanoseconds >= NanosecondsPerSecond)
            {
                deadline = new TimeSpec { Seconds = deadline.Seconds + 1, Nanoseconds = deadline.Nanoseconds - NanosecondsPerSecond };
            }
        }

        fixed (FutexWord* first = words)
        {
            _ = Libc.Syscall(WaitManyCall, (nint)first, words.Length, 0, timeout < TimeSpan.Zero ? 0 : (nint)(&deadline), ClockMonotonic);
        }
    }

    private const int ClockGetTime = 228;
    private const long NanosecondsPerSecond = 1_000_000_000;

    private static TimeSpec Time(TimeSpan span) =>
        new() { Seconds = span.Ticks / TimeSpan.TicksPerSecond, Nanoseconds = span.Ticks % TimeSpan.TicksPerSecond * 100 };

    private static bool Probe()
    {
        var word = stackalloc int[1];
        *word = 1;
        FutexWord one = new((nint)word, 0);
        WaitMany(new ReadOnlySpan<FutexWord>(in one), TimeSpan.Zero);
        return Marshal.GetLastPInvokeError() == LinuxErrno.EAGAIN;
    }

    private struct TimeSpec
    {
        internal long Seconds;
        internal long Nanoseconds;
    }
}
