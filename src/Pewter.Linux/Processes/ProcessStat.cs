using System.Buffers.Text;
using System.Globalization;
using System.Text;

namespace Pewter.Linux.Processes;

/// <summary>The fields of <c>/proc/PID/stat</c> that tell processes apart and place them.</summary>
/// <param name="Id">Process id.</param>
/// <param name="Name">The name of its main thread.</param>
/// <param name="State">R, S, D, Z, T, …</param>
/// <param name="Parent">Its parent's id.</param>
/// <param name="Group">Its process group.</param>
/// <param name="Session">Its session.</param>
/// <param name="StartTicks">When it started, in clock ticks since boot. With the id and the boot this names it for ever.</param>
/// <param name="UserTicks">CPU time in user mode, in ticks of 10 ms.</param>
/// <param name="SystemTicks">CPU time in the kernel, in ticks of 10 ms.</param>
/// <param name="ResidentPages">Resident memory in pages.</param>
public readonly record struct ProcessStat(
    int Id,
    string Name,
    char State,
    int Parent,
    int Group,
    int Session,
    long StartTicks,
    long UserTicks,
    long SystemTicks,
    long ResidentPages)
{
    /// <summary>Reads the fields of a process; null when there is none.</summary>
    public static ProcessStat? Read(int process)
    {
        Span<byte> bytes = stackalloc byte[1024];
        var count = Descriptors.ReadStart($"/proc/{process}/stat", bytes);
        return count > 0 ? Parse(Encoding.UTF8.GetString(bytes[..count])) : null;
    }

    /// <summary>Only <see cref="StartTicks"/>, at the cost of the read; 0 when there is no such process.</summary>
    public static long ReadStartTicks(int process)
    {
        const int FieldsBeforeStart = 19;
        Span<byte> bytes = stackalloc byte[1024];
        var count = Descriptors.ReadStart($"/proc/{process}/stat", bytes);
        var rest = count > 0 ? bytes[..count] : default;
        rest = rest.IsEmpty ? rest : rest[(rest.LastIndexOf((byte)')') + 2)..];
        for (var field = 0; field < FieldsBeforeStart && !rest.IsEmpty; field++)
        {
            rest = rest[(rest.IndexOf((byte)' ') + 1)..];
        }

        return Utf8Parser.TryParse(rest, out long ticks, out _) ? ticks : 0;
    }

    /// <summary>Every process there is, by id.</summary>
    public static IEnumerable<ProcessStat> ReadAll()
    {
        foreach (var directory in Directory.EnumerateDirectories("/proc"))
        {
            if (int.TryParse(Path.GetFileName(directory.AsSpan()), CultureInfo.InvariantCulture, out var id) && Read(id) is { } stat)
            {
                yield return stat;
            }
        }
    }

    /// <summary>Parses a line of <c>/proc/PID/stat</c>. The name may hold spaces and parentheses, so fields count from the last ')'.</summary>
    public static ProcessStat Parse(string line)
    {
        var open = line.IndexOf('(', StringComparison.Ordinal);
        var close = line.LastIndexOf(')');
        var rest = line[(close + 2)..].Split(' ');
        return new ProcessStat(
            int.Parse(line.AsSpan(0, open - 1), CultureInfo.InvariantCulture),
            line[(open + 1)..close],
            rest[0][0],
            Field(1),
            Field(2),
            Field(3),
            Long(19),
            Long(11),
            Long(12),
            Long(21));

        int Field(int index) => int.Parse(rest[index], CultureInfo.InvariantCulture);
        long Long(int index) => long.Parse(rest[index], CultureInfo.InvariantCulture);
    }
}
