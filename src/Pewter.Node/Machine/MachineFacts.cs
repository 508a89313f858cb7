using System.Globalization;

namespace Pewter.Node.Machine;

/// <summary>Numbers of this machine as /proc has them.</summary>
internal static class MachineFacts
{
    /// <summary>A line of /proc/meminfo in bytes; 0 when there is none.</summary>
    internal static long MemoryBytes(string name)
    {
        var line = File.ReadLines("/proc/meminfo").FirstOrDefault(text => text.StartsWith($"{name}:", StringComparison.Ordinal));
        return line is null ? 0 : Number(line.Split(' ', StringSplitOptions.RemoveEmptyEntries)[1]) * 1024;
    }

    /// <summary>A number that is one.</summary>
    internal static long Number(string text) => long.Parse(text, CultureInfo.InvariantCulture);
}
