namespace Pewter.Blocks.Scsi.Commands;

/// <summary>WRITE (6), (10), (12) and (16) (SBC-3 5.32–5.36). FUA makes the write durable before its status.</summary>
internal sealed class WriteBlocks(byte[] usage) : ScsiCommand(usage, ReservationClass.Write)
{
    private readonly bool _hasFlags = usage.Length > 6;

    public override bool WritesMedium => true;

    public override Sense Plan(ScsiTask task)
    {
        (ulong lba, uint count) = BlockExtents.Parse(task.Cdb);
        Sense sense = BlockExtents.CheckTransfer(task.Unit, lba, count);
        if (sense.IsNone)
        {
            task.PlanExtent(
                ScsiTransfer.WriteExtent,
                (long)lba * LogicalUnit.BlockSize,
                (long)count * LogicalUnit.BlockSize,
                fua: _hasFlags && (task.Cdb[1] & 0x08) != 0);
        }
        return sense;
    }
}
