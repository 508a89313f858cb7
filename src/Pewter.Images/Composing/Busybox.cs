using Pewter.NineP;

namespace Pewter.Images.Composing;

/// <summary>A busybox that runs without libraries: the system's, or that of Debian's package.</summary>
internal static class Busybox
{
    private static readonly string[] Places = ["/bin/busybox", "/usr/bin/busybox"];

    /// <summary>Its path.</summary>
    public static async ValueTask<string> FindAsync(CancellationToken cancellation)
    {
        foreach (var place in Places.Where(File.Exists))
        {
            if (await IsStaticAsync(place, cancellation))
            {
                return place;
            }
        }

        throw new FileException(Errno.ENOENT, "There is no static busybox here: 'apt-get install busybox-static'.");
    }

    /// <summary>A dynamic program names its interpreter in a segment of type 3 of its ELF header.</summary>
    private static async ValueTask<bool> IsStaticAsync(string path, CancellationToken cancellation)
    {
        const int Header = 64, Segments = 32, SegmentSize = 54, SegmentCount = 56;
        const uint Interpreter = 3;
        var bytes = await File.ReadAllBytesAsync(path, cancellation);
        if (bytes.Length < Header || !bytes.AsSpan().StartsWith("\u007fELF"u8))
        {
            return false;
        }

        var (size, count) = (BitConverter.ToUInt16(bytes, SegmentSize), BitConverter.ToUInt16(bytes, SegmentCount));
        var start = BitConverter.ToInt64(bytes, Segments);
        return Enumerable.Range(0, count).All(i => BitConverter.ToUInt32(bytes, (int)start + (i * size)) != Interpreter);
    }
}
