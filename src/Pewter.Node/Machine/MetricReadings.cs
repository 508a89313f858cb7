using System.Globalization;

namespace Pewter.Node.Machine;

/// <summary>
/// What <c>/metric</c> gives: every value of a group from one read of one file of /proc. Names are those of the files below the group.
/// CPU times are in seconds since boot, sizes in bytes; counters only grow.
/// </summary>
internal static class MetricReadings
{
    private static readonly string[] CpuNames = ["user", "nice", "system", "idle", "iowait", "irq", "softirq", "steal"];
    private static readonly string[] DiskNames =
        ["reads", "reads_merged", "sectors_read", "read_ms", "writes", "writes_merged", "sectors_written", "write_ms", "in_flight", "busy_ms"];

    private static readonly string[] NetworkNames =
    [
        "rx_bytes", "rx_packets", "rx_errors", "rx_dropped", "rx_fifo", "rx_frame", "rx_compressed", "rx_multicast",
        "tx_bytes", "tx_packets", "tx_errors", "tx_dropped",
    ];

    /// <summary>The groups there are.</summary>
    internal static IReadOnlyDictionary<string, Func<IEnumerable<Reading>>> Groups { get; } =
        new Dictionary<string, Func<IEnumerable<Reading>>>(StringComparer.Ordinal)
        {
            ["cpu"] = Cpu,
            ["mem"] = Memory,
            ["load"] = Load,
            ["io"] = Disks,
            ["net"] = Network,
            ["processes"] = Processes,
            ["pressure"] = Pressure,
        };

    private static IEnumerable<Reading> Cpu()
    {
        foreach (var line in File.ReadLines("/proc/stat"))
        {
            var fields = Split(line);
            if (fields[0] == "cpu")
            {
                for (var i = 0; i < CpuNames.Length && i + 1 < fields.Length; i++)
                {
                    // Ticks are hundredths of a second on every Linux that this runs on.
                    yield return new(CpuNames[i], (MachineFacts.Number(fields[i + 1]) / 100.0).ToString("0.00", CultureInfo.InvariantCulture));
                }
            }
            else if (fields[0] is "ctxt" or "processes" or "procs_running" or "procs_blocked")
            {
                yield return new(fields[0], fields[1]);
            }
        }
    }

    private static IEnumerable<Reading> Memory()
    {
        foreach (var line in File.ReadLines("/proc/meminfo"))
        {
            var fields = Split(line);
            var name = fields[0].TrimEnd(':').Replace('(', '_').Replace(")", "", StringComparison.Ordinal);
            yield return new(name, (MachineFacts.Number(fields[1]) * (fields.Length > 2 ? 1024 : 1)).ToString(CultureInfo.InvariantCulture));
        }
    }

    private static IEnumerable<Reading> Load()
    {
        var fields = Split(File.ReadAllText("/proc/loadavg"));
        return [new("1m", fields[0]), new("5m", fields[1]), new("15m", fields[2])];
    }

    private static IEnumerable<Reading> Disks()
    {
        foreach (var fields in File.ReadLines("/proc/diskstats").Select(Split).Where(fields => fields.Length >= 13))
        {
            for (var i = 0; i < DiskNames.Length; i++)
            {
                yield return new($"{fields[2]}.{DiskNames[i]}", fields[i + 3]);
            }
        }
    }

    private static IEnumerable<Reading> Network()
    {
        foreach (var line in File.ReadLines("/proc/net/dev").Skip(2))
        {
            var colon = line.IndexOf(':', StringComparison.Ordinal);
            var fields = Split(line[(colon + 1)..]);
            for (var i = 0; i < NetworkNames.Length; i++)
            {
                yield return new($"{line[..colon].Trim()}.{NetworkNames[i]}", fields[i]);
            }
        }
    }

    private static IEnumerable<Reading> Processes()
    {
        var running = Split(File.ReadAllText("/proc/loadavg"))[3].Split('/');
        return [new("runnable", running[0]), new("threads", running[1])];
    }

    private static IEnumerable<Reading> Pressure()
    {
        foreach (var resource in (string[])["cpu", "memory", "io"])
        {
            if (!File.Exists($"/proc/pressure/{resource}"))
            {
                continue;
            }

            foreach (var fields in File.ReadLines($"/proc/pressure/{resource}").Select(Split))
            {
                yield return new($"{resource}.{fields[0]}_total_us", fields[^1][(fields[^1].IndexOf('=', StringComparison.Ordinal) + 1)..]);
            }
        }
    }

    private static string[] Split(string line) => line.Split((char[])[' ', '\t', '\n'], StringSplitOptions.RemoveEmptyEntries);

    /// <summary>One value.</summary>
    internal readonly record struct Reading(string Name, string Value);
}
