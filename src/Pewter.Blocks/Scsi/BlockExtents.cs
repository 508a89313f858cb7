using static System.Buffers.Binary.BinaryPrimitives;

namespace Pewter.Blocks.Scsi;

/// <summary>
/// Reads the logical block address and the number of blocks from a CDB, whose layout follows from its group code (SAM-5
/// 5.2).
/// </summary>
internal static class BlockExtents
{
    /// <summary>
    /// The most blocks one command may move (maximum transfer length of the block limits page): 32 MiB.
    /// </summary>
    public const int MaxTransferBlocks = 65536;

    public static (ulong Lba, uint Count) Parse(ReadOnlySpan<byte> cdb) => (cdb[0] >> 5) switch
    {
        0 => (ReadUInt32BigEndian(cdb) & 0x1FFFFF, cdb[4] == 0 ? 256u : cdb[4]),
        1 or 2 => (ReadUInt32BigEndian(cdb[2..]), ReadUInt16BigEndian(cdb[7..])),
        5 => (ReadUInt32BigEndian(cdb[2..]), ReadUInt32BigEndian(cdb[6..])),
        _ => (ReadUInt64BigEndian(cdb[2..]), ReadUInt32BigEndian(cdb[10..])),
    };

    /// <summary>Checks that the blocks are on the disk; an empty range may end at the disk's end.</summary>
    public static Sense CheckRange(LogicalUnit unit, ulong lba, uint count)
    {
        ulong blocks = (ulong)unit.BlockCount;
        return lba > blocks || count > blocks - lba ? Sense.Illegal(AdditionalSense.LbaOutOfRange) : default;
    }

    /// <summary><see cref="CheckRange"/>, and that one command may move so much.</summary>
    public static Sense CheckTransfer(LogicalUnit unit, ulong lba, uint count) =>
        CheckRange(unit, lba, count) is { IsNone: false } sense ? sense
        : count > MaxTransferBlocks ? Sense.InvalidField
        : default;
}
