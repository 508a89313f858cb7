using System.Buffers;
namespace Pewter.Blocks.Scsi.Commands;

/// <summary>
/// VERIFY (10), (12) and (16) (SBC-3 5.26–5.30): reads the blocks back, and with BYTCHK 01b compares them with the
/// initiator's.
/// </summary>
internal sealed class VerifyBlocks(byte[] usage) : ScsiCommand(usage, ReservationClass.Read)
{
    public override Sense Plan(ScsiTask task)
    {
        (ulong lba, uint count) = BlockExtents.Parse(task.Cdb);
        int check = (task.Cdb[1] >> 1) & 3;
        if (check > 1)
            return Sense.InvalidField;
        Sense sense = check == 1
            ? BlockExtents.CheckTransfer(task.Unit, lba, count)
            : BlockExtents.CheckRange(task.Unit, lba, count);
        if (sense.IsNone)
        {
            task.PlanExtent(
                check == 1 ? ScsiTransfer.DataOut : ScsiTransfer.None,
                (long)lba * LogicalUnit.BlockSize,
                check == 1 ? (long)count * LogicalUnit.BlockSize : 0,
                fua: false);
        }
        return sense;
    }

    public override ValueTask ExecuteAsync(ScsiTask task, CancellationToken cancellation) =>
        task.Transfer == ScsiTransfer.DataOut
            ? MediumComparison.CompareAsync(task, task.Offset, task.DataOut, cancellation)
            : ReadBackAsync(task, cancellation);

    private static async ValueTask ReadBackAsync(ScsiTask task, CancellationToken cancellation)
    {
        long left = BlockExtents.Parse(task.Cdb).Count * (long)LogicalUnit.BlockSize;
        byte[] buffer = ArrayPool<byte>.Shared.Rent((int)Math.Min(left, 1 << 20));
        try
        {
            for (long at = task.Offset; left > 0;)
            {
                int piece = (int)Math.Min(left, buffer.Length);
                await task.Unit.Device.ReadAsync(at, buffer.AsMemory(0, piece), cancellation);
                at += piece;
                left -= piece;
            }
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }
}
