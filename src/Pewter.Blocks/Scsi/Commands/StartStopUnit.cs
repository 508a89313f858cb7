namespace Pewter.Blocks.Scsi.Commands;

/// <summary>
/// START STOP UNIT (SBC-3 5.20). Stopping makes everything durable and nothing else: the disk of one initiator must not
/// stop because another one shuts down. There is no medium to load or eject.
/// </summary>
internal sealed class StartStopUnit() : ScsiCommand([0x1B, 0x01, 0, 0x0F, 0xF7, 0], ReservationClass.Write)
{
    public override Sense Plan(ScsiTask task) => (task.Cdb[4] & 0x02) != 0 ? Sense.InvalidField : default;

    public override ValueTask ExecuteAsync(ScsiTask task, CancellationToken cancellation)
    {
        bool stops = (task.Cdb[4] & 0x01) == 0 && (task.Cdb[4] & 0x04) == 0;
        return stops ? task.Unit.Device.FlushAsync(cancellation) : ValueTask.CompletedTask;
    }
}
