using System.Globalization;

namespace Pewter.Node.Sessions;

/// <summary>One line of <c>/proc/PID/maps</c>.</summary>
internal readonly record struct MemoryMapping(ulong Start, ulong End, ulong Offset, string Name)
{
    internal static IReadOnlyList<MemoryMapping> Read(int process) => [.. File.ReadLines($"/proc/{process}/maps").Select(Parse)];

    /// <summary>The file and the offset in it that an address lies at.</summary>
    internal static string Describe(IReadOnlyList<MemoryMapping> mappings, ulong address)
    {
        var found = mappings.FirstOrDefault(mapping => address >= mapping.Start && address < mapping.End);
        if (found.End == 0)
        {
            return "?";
        }

        var name = found.Name.Length > 0 ? found.Name : "[anonymous]";
        return string.Create(CultureInfo.InvariantCulture, $"{name}+0x{address - found.Start + found.Offset:x}");
    }

    private static MemoryMapping Parse(string line)
    {
        // START-END PERMISSIONS OFFSET DEVICE INODE [NAME]
        var fields = line.Split(' ', 6, StringSplitOptions.RemoveEmptyEntries);
        var range = fields[0].Split('-');
        return new MemoryMapping(Hex(range[0]), Hex(range[1]), Hex(fields[2]), fields.Length > 5 ? fields[5].Trim() : "");
    }

    private static ulong Hex(string text) => ulong.Parse(text, NumberStyles.HexNumber, CultureInfo.InvariantCulture);
}
