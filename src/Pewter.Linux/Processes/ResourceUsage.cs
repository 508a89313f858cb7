namespace Pewter.Linux.Processes;

/// <summary>What an ended process and its waited-for descendants used (getrusage(2)).</summary>
/// <param name="UserTime">CPU time in user mode.</param>
/// <param name="SystemTime">CPU time in the kernel.</param>
/// <param name="PeakMemoryBytes">Largest resident set of any one of them.</param>
/// <param name="MajorFaults">Page faults that needed a device.</param>
/// <param name="BlocksIn">512-byte blocks read from devices.</param>
/// <param name="BlocksOut">512-byte blocks written to devices.</param>
/// <param name="VoluntarySwitches">Times it waited.</param>
/// <param name="InvoluntarySwitches">Times it was preempted.</param>
public readonly record struct ResourceUsage(
    TimeSpan UserTime,
    TimeSpan SystemTime,
    long PeakMemoryBytes,
    long MajorFaults,
    long BlocksIn,
    long BlocksOut,
    long VoluntarySwitches,
    long InvoluntarySwitches)
{
    /// <summary>Reads the kernel's <c>struct rusage</c>: two pairs of seconds and microseconds, then fourteen counters.</summary>
    internal static ResourceUsage From(ReadOnlySpan<long> raw) => new(
        TimeSpan.FromMicroseconds((raw[0] * 1_000_000) + raw[1]),
        TimeSpan.FromMicroseconds((raw[2] * 1_000_000) + raw[3]),
        raw[4] * 1024,
        raw[9],
        raw[11],
        raw[12],
        raw[16],
        raw[17]);
}
