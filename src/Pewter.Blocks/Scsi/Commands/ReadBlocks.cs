namespace Pewter.Blocks.Scsi.Commands;

/// <summary>
/// READ (6), (10), (12) and (16) (SBC-3 5.7–5.11). DPO and FUA change nothing: a read is never older than what was
/// written.
/// </summary>
internal sealed class ReadBlocks(byte[] usage) : ScsiCommand(usage, ReservationClass.Read)
{
    public override Sense Plan(ScsiTask task)
    {
        (ulong lba, uint count) = BlockExtents.Parse(task.Cdb);
        Sense sense = BlockExtents.CheckTransfer(task.Unit, lba, count);
        if (sense.IsNone)
        {
            task.PlanExtent(
                ScsiTransfer.ReadExtent, (long)lba * LogicalUnit.BlockSize, (long)count * LogicalUnit.BlockSize, fua: false);
        }
        return sense;
    }
}
