namespace Pewter.Blocks.Scsi.Commands;

/// <summary>PRE-FETCH (10) and (16) (SBC-3 5.10, 5.11); no blocks means up to the end.</summary>
internal sealed class Prefetch(byte[] usage) : ScsiCommand(usage, ReservationClass.Read)
{
    public override Sense Plan(ScsiTask task)
    {
        (ulong lba, uint count) = BlockExtents.Parse(task.Cdb);
        return BlockExtents.CheckRange(task.Unit, lba, count);
    }

    public override async ValueTask ExecuteAsync(ScsiTask task, CancellationToken cancellation)
    {
        (ulong lba, uint count) = BlockExtents.Parse(task.Cdb);
        long offset = (long)lba * LogicalUnit.BlockSize;
        long length = count == 0 ? task.Unit.Device.Length - offset : (long)count * LogicalUnit.BlockSize;
        await task.Unit.Device.PrefetchAsync(offset, length, cancellation);
    }
}
