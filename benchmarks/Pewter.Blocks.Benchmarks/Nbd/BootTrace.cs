using System.Globalization;

namespace Pewter.Blocks.Benchmarks.Nbd;

/// <summary>
/// The reads of a boot, in their order: Debian 12 from firmware to login by iPXE sanboot, as <c>SanBootTests</c> records them with
/// PEWTER_RECORD_BOOT set. Pieces of 8 KiB, as iPXE takes them, are joined to the up to 64 KiB that its caller asked for.
/// </summary>
internal static class BootTrace
{
    private const string Resource = "boot.trace";

    /// <summary>Loads the recording: a line a read, offset and length in bytes.</summary>
    public static IReadOnlyList<LoadRequest> Load()
    {
        using var reader = new StreamReader(typeof(BootTrace).Assembly.GetManifestResourceStream(Resource)!);
        var reads = new List<LoadRequest>();
        while (reader.ReadLine() is { } line)
        {
            string[] words = line.Split(' ');
            reads.Add(new LoadRequest(long.Parse(words[0], CultureInfo.InvariantCulture), int.Parse(words[1], CultureInfo.InvariantCulture), false));
        }

        return reads;
    }
}
