namespace Pewter.Blocks.Scsi.Commands;

/// <summary>
/// WRITE AND VERIFY (10), (12) and (16) (SBC-3 5.37–5.39): durable, and with BYTCHK read back and compared.
/// </summary>
internal sealed class WriteVerify(byte[] usage) : ScsiCommand(usage, ReservationClass.Write)
{
    public override bool WritesMedium => true;

    public override Sense Plan(ScsiTask task)
    {
        (ulong lba, uint count) = BlockExtents.Parse(task.Cdb);
        if (((task.Cdb[1] >> 1) & 3) > 1)
            return Sense.InvalidField;
        Sense sense = BlockExtents.CheckTransfer(task.Unit, lba, count);
        if (sense.IsNone)
        {
            task.PlanExtent(
                ScsiTransfer.DataOut, (long)lba * LogicalUnit.BlockSize, (long)count * LogicalUnit.BlockSize, fua: true);
        }
        return sense;
    }

    public override async ValueTask ExecuteAsync(ScsiTask task, CancellationToken cancellation)
    {
        await task.Unit.Gate.EnterSharedAsync();
        try
        {
            await task.Unit.Device.WriteAsync(task.Offset, task.DataOut, fua: true, cancellation);
        }
        finally
        {
            task.Unit.Gate.Exit();
        }
        if ((task.Cdb[1] & 0x02) != 0)
            await MediumComparison.CompareAsync(task, task.Offset, task.DataOut, cancellation);
    }
}
