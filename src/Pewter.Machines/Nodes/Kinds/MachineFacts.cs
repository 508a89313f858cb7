using System.Globalization;
using System.Runtime.InteropServices;

namespace Pewter.Machines.Nodes.Kinds;

/// <summary>What this machine is and does, as <c>/proc</c> has it.</summary>
internal static class MachineFacts
{
    private static readonly string Release = File.ReadAllText("/proc/sys/kernel/osrelease").Trim();

    public static NodeFacts Read()
    {
        var memory = ReadMemory();
        var load = File.ReadAllText("/proc/loadavg").Split(' ');
        return new NodeFacts
        {
            Os = "linux",
            Architecture = RuntimeInformation.OSArchitecture == Architecture.X64 ? "x86_64" : "aarch64",
            Kernel = Release,
            Cpus = Environment.ProcessorCount,
            MemoryBytes = memory.Total,
            UsedBytes = memory.Total - memory.Available,
            Load = double.Parse(load[0], CultureInfo.InvariantCulture),
            Processes = long.Parse(load[3].Split('/')[1], CultureInfo.InvariantCulture),
        };
    }

    private static (long Total, long Available) ReadMemory()
    {
        var (total, available) = (0L, 0L);
        foreach (var line in File.ReadLines("/proc/meminfo").Take(3))
        {
            var words = line.Split(' ', StringSplitOptions.RemoveEmptyEntries);
            var bytes = long.Parse(words[1], CultureInfo.InvariantCulture) * 1024;
            (total, available) = words[0] switch
            {
                "MemTotal:" => (bytes, available),
                "MemAvailable:" => (total, bytes),
                _ => (total, available),
            };
        }

        return (total, available);
    }
}
