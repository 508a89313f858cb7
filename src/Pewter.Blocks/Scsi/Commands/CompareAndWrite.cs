namespace Pewter.Blocks.Scsi.Commands;

/// <summary>
/// COMPARE AND WRITE (SBC-3 5.2): half of the data is compared, and if it is what the disk holds the other half is
/// written.
/// </summary>
internal sealed class CompareAndWrite()
    : ScsiCommand([0x89, 0x18, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0, 0, 0, 0xFF, 0x1F, 0], ReservationClass.Write)
{
    /// <summary>The most blocks compared at once.</summary>
    public const byte MaxBlocks = 255;

    public override bool WritesMedium => true;

    public override Sense Plan(ScsiTask task)
    {
        ulong lba = BlockExtents.Parse(task.Cdb).Lba;
        uint count = task.Cdb[13];
        Sense sense = BlockExtents.CheckRange(task.Unit, lba, count);
        // Half a comparison must not be taken for a whole one, so the data has to be exactly what the CDB says.
        if (sense.IsNone && task.ExpectedOut != 2L * count * LogicalUnit.BlockSize)
            return Sense.InvalidField;
        if (sense.IsNone)
        {
            task.PlanExtent(
                ScsiTransfer.DataOut,
                (long)lba * LogicalUnit.BlockSize,
                2L * count * LogicalUnit.BlockSize,
                fua: (task.Cdb[1] & 0x08) != 0);
        }
        return sense;
    }

    public override async ValueTask ExecuteAsync(ScsiTask task, CancellationToken cancellation)
    {
        await task.Unit.Gate.EnterAloneAsync();
        try
        {
            int half = task.DataOut.Length / 2;
            await MediumComparison.CompareAsync(task, task.Offset, task.DataOut[..half], cancellation);
            if (task.Status == ScsiStatus.Good)
                await task.Unit.Device.WriteAsync(task.Offset, task.DataOut[half..], task.Fua, cancellation);
        }
        finally
        {
            task.Unit.Gate.Exit();
        }
    }
}
