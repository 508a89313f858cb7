namespace Pewter.Mail;

/// <summary>
/// Where everything stands in a segment. All of it is constant, so nothing about it is read from memory that a peer can
/// write.
/// </summary>
/// <remarks>
/// One segment for two processes, and in it for each direction: a page of words, each on a cache line of its own; the
/// board, on which the reader writes what was taken
/// of each flow; the ring; the area of long bodies.
/// </remarks>
internal static class RingLayout
{
    internal const int Page = 4096;

    /// <summary>512 KiB: thousands of small messages, and it stays in a second-level cache.</summary>
    internal const int RingBytes = 512 << 10;

    /// <summary>16 MiB: four of the largest messages. Pages are taken when they are first used.</summary>
    internal const int AreaBytes = 16 << 20;

    /// <summary>16 Ki flows at a time; idle ones make place.</summary>
    internal const int Slots = 16 << 10;

    internal const int BoardBytes = Slots * sizeof(ulong);

    /// <summary>Bodies up to this stand in the ring.</summary>
    internal const int InlineMax = 8 << 10;

    /// <summary>What precedes a header: the record's length, the flow's slot, where the body stands.</summary>
    internal const int Prefix = 16;

    internal const int Overhead = Prefix + FrameHeader.Size;

    internal const int DirectionBytes = Page + BoardBytes + RingBytes + AreaBytes;

    internal const long SegmentBytes = 2L * DirectionBytes;

    /// <summary>Where the words are in their page.</summary>
    internal const int TailWord = 0;

    internal const int HeadWord = 128;

    internal const int ThreadBellWord = 256;

    internal const int PumpBellWord = 384;

    internal const int SpaceWantedWord = 512;

    internal const int WindowWantedWord = 640;

    internal static int RecordSize(int bodyLength) => Overhead + ((bodyLength + 15) & ~15);

    /// <summary>The parts of a mapping: the ring appears twice in a row.</summary>
    internal static (long Offset, long Length)[] Parts(long start)
    {
        var parts = new List<(long, long)>();
        for (var direction = 0; direction < 2; direction++)
        {
            var at = start + (direction * (long)DirectionBytes);
            parts.Add((at, Page + BoardBytes + RingBytes));
            parts.Add((at + Page + BoardBytes, RingBytes));
            parts.Add((at + Page + BoardBytes + RingBytes, AreaBytes));
        }

        return [.. parts];
    }
}
