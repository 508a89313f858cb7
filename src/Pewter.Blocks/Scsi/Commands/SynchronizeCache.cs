namespace Pewter.Blocks.Scsi.Commands;

/// <summary>
/// SYNCHRONIZE CACHE (10) and (16) (SBC-3 5.22, 5.23): everything written before it is durable, whatever range it
/// names.
/// </summary>
internal sealed class SynchronizeCache(byte[] usage) : ScsiCommand(usage, ReservationClass.Write)
{
    public override Sense Plan(ScsiTask task)
    {
        (ulong lba, uint count) = BlockExtents.Parse(task.Cdb);
        return BlockExtents.CheckRange(task.Unit, lba, count);
    }

    public override ValueTask ExecuteAsync(ScsiTask task, CancellationToken cancellation) =>
        task.Unit.Device.FlushAsync(cancellation);
}
