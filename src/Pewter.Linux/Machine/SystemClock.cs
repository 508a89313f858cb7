using System.Runtime.InteropServices;

namespace Pewter.Linux.Machine;

/// <summary>The machine's clock of the time of day.</summary>
public static unsafe partial class SystemClock
{
    private const int RealTime = 0;

    /// <summary>Sets it.</summary>
    public static void Set(DateTimeOffset now)
    {
        var ticks = (now - DateTimeOffset.UnixEpoch).Ticks;
        var time = stackalloc nint[2] { (nint)(ticks / TimeSpan.TicksPerSecond), (nint)(ticks % TimeSpan.TicksPerSecond * 100) };
        LinuxException.Check(SetTime(RealTime, time), "set the clock");
    }

    [LibraryImport(Libc.Name, EntryPoint = "clock_settime", SetLastError = true)]
    private static partial int SetTime(int clock, nint* time);
}
