using System.Buffers;
namespace Pewter.Blocks.Scsi.Commands;

/// <summary>
/// WRITE SAME (10) and (16) (SBC-3 5.40, 5.41): one block over a whole range. With UNMAP, or when the block is all
/// zeroes, the device zeroes the range itself and may free it. ANCHOR is refused, because a thin disk here has no
/// anchored state (ANC_SUP is 0).
/// </summary>
internal sealed class WriteSame(byte[] usage) : ScsiCommand(usage, ReservationClass.Write)
{
    /// <summary>Bounds the time of one command: 2 GiB.</summary>
    public const uint MaxBlocks = 1 << 22;

    private const int Chunk = 1 << 18;
    private const byte UnmapFlag = 0x08, NoDataOut = 0x01;

    public override bool WritesMedium => true;

    public override Sense Plan(ScsiTask task)
    {
        (ulong lba, uint count) = BlockExtents.Parse(task.Cdb);
        Sense sense = BlockExtents.CheckRange(task.Unit, lba, count);
        if (!sense.IsNone)
            return sense;
        if (Blocks(task) > MaxBlocks)
            return Sense.InvalidField;
        bool noData = (task.Cdb[1] & NoDataOut) != 0;
        bool fits = task.ExpectedOut == (noData ? 0u : LogicalUnit.BlockSize);
        if (!fits || (noData && (task.Cdb[1] & UnmapFlag) == 0))
            return Sense.InvalidField;
        task.PlanExtent(
            noData ? ScsiTransfer.None : ScsiTransfer.DataOut,
            (long)lba * LogicalUnit.BlockSize,
            noData ? 0 : LogicalUnit.BlockSize,
            fua: false);
        return default;
    }

    public override async ValueTask ExecuteAsync(ScsiTask task, CancellationToken cancellation)
    {
        bool mayUnmap = (task.Cdb[1] & UnmapFlag) != 0;
        bool zeroes = task.DataOut.Span.IndexOfAnyExcept((byte)0) < 0;
        long length = Blocks(task) * LogicalUnit.BlockSize;
        await task.Unit.Gate.EnterSharedAsync();
        try
        {
            if (zeroes)
                await task.Unit.Device.WriteZeroesAsync(task.Offset, length, mayUnmap, fua: false, cancellation);
            else
                await RepeatAsync(task, length, cancellation);
        }
        finally
        {
            task.Unit.Gate.Exit();
        }
    }

    private static async ValueTask RepeatAsync(ScsiTask task, long length, CancellationToken cancellation)
    {
        byte[] buffer = ArrayPool<byte>.Shared.Rent((int)Math.Min(length, Chunk));
        try
        {
            int filled = (int)Math.Min(length, Chunk);
            for (int at = 0; at < filled; at += LogicalUnit.BlockSize)
                task.DataOut.CopyTo(buffer.AsMemory(at));
            for (long done = 0; done < length; done += filled)
            {
                int piece = (int)Math.Min(filled, length - done);
                await task.Unit.Device.WriteAsync(task.Offset + done, buffer.AsMemory(0, piece), fua: false, cancellation);
            }
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    /// <summary>No blocks means up to the end (WSNZ is 0).</summary>
    private static long Blocks(ScsiTask task)
    {
        (ulong lba, uint count) = BlockExtents.Parse(task.Cdb);
        return count == 0 ? task.Unit.BlockCount - (long)lba : count;
    }
}
