using System.Buffers;
namespace Pewter.Blocks.Scsi.Commands;

/// <summary>
/// ORWRITE (16) (SBC-3 5.8): the disk's blocks become the bitwise or of themselves and the initiator's.
/// </summary>
internal sealed class OrWrite() : ScsiCommand(CdbUsage.Sixteen(0x8B, 0x18), ReservationClass.Write)
{
    public override bool WritesMedium => true;

    public override Sense Plan(ScsiTask task)
    {
        (ulong lba, uint count) = BlockExtents.Parse(task.Cdb);
        Sense sense = BlockExtents.CheckTransfer(task.Unit, lba, count);
        if (sense.IsNone)
        {
            task.PlanExtent(
                ScsiTransfer.DataOut,
                (long)lba * LogicalUnit.BlockSize,
                (long)count * LogicalUnit.BlockSize,
                fua: (task.Cdb[1] & 0x08) != 0);
        }
        return sense;
    }

    public override async ValueTask ExecuteAsync(ScsiTask task, CancellationToken cancellation)
    {
        byte[] buffer = ArrayPool<byte>.Shared.Rent(Math.Max(1, task.DataOut.Length));
        await task.Unit.Gate.EnterAloneAsync();
        try
        {
            Memory<byte> blocks = buffer.AsMemory(0, task.DataOut.Length);
            await task.Unit.Device.ReadAsync(task.Offset, blocks, cancellation);
            Or(blocks.Span, task.DataOut.Span);
            await task.Unit.Device.WriteAsync(task.Offset, blocks, task.Fua, cancellation);
        }
        finally
        {
            task.Unit.Gate.Exit();
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    private static void Or(Span<byte> blocks, ReadOnlySpan<byte> mask)
    {
        for (int i = 0; i < blocks.Length; i++)
            blocks[i] |= mask[i];
    }
}
