namespace Pewter.Blocks.Layers;

/// <summary>
/// How a layer lies on the disk. <c>l7.data</c> is a sparse file with each block at its own offset. <c>l7.map</c> says which blocks the
/// layer holds, and their checksums:
/// <code>
/// 0       magic, version (16 bytes, padded to 4 KiB)
/// 4096    intents: one bit for each 64 MiB whose stored checksums may be older than the data (32 KiB)
/// 65536   page 0 slot A | page 0 slot B | page 1 slot A | …      (4,608 bytes each)
/// slot    crc u32, magic u32, page u64, sequence u64, padded to 512 | 1,024 entries of u32, one for each 4 KiB block
/// entry   0 absent (the layer below answers), 1 zero, 2 data without a checksum, else data and its CRC-32C
/// </code>
/// A page is written to the slot that does not hold its newest version, so a torn write costs nothing. Little endian throughout.
/// </summary>
internal static class LayerFormat
{
    public const int BlockSize = 4096;
    public const int BlockShift = 12;
    public const int PageBlocks = 1024;
    public const int PageShift = 10;
    public const long PageSpan = (long)BlockSize * PageBlocks;
    public const int PagesPerIntent = 16;

    public const ulong MapMagic = 0x3170616D72747770; // "pwtrmap1"
    public const uint SlotMagic = 0x746C7370;
    public const int IntentOffset = 4096;
    public const int IntentBytes = 32 * 1024;
    public const int SlotsOffset = 65536;
    public const int SlotHeaderBytes = 512;
    public const int SlotBytes = SlotHeaderBytes + (4 * PageBlocks);

    /// <summary>16 TiB, the largest file of ext4 and what the intents cover.</summary>
    public const long MaxLength = IntentBytes * 8L * PagesPerIntent * PageSpan;

    public const uint Absent = 0;
    public const uint Zero = 1;
    public const uint Unknown = 2;

    public static long SlotOffset(int page, bool second) => SlotsOffset + ((((long)page * 2) + (second ? 1 : 0)) * SlotBytes);

    /// <summary>The entry of a block of data; the three checksums that mean something else are moved away.</summary>
    public static uint EntryOf(ReadOnlySpan<byte> block)
    {
        uint sum = BlockChecksum.OfBlock(block);
        return sum > Unknown ? sum : sum | 0x8000_0000;
    }

    public static bool IsData(uint entry) => entry >= Unknown;

    public static int PageCount(long length) => (int)((length + PageSpan - 1) / PageSpan);
}
