namespace Pewter.Blocks.Scsi.Commands;

/// <summary>RESERVE and RELEASE (6) and (10) (SPC-2 7.21–7.24), the whole unit only.</summary>
internal sealed class Reserve(byte[] usage, bool releases) : ScsiCommand(usage, ReservationClass.Free)
{
    public override Sense Plan(ScsiTask task) => default;

    public override ValueTask ExecuteAsync(ScsiTask task, CancellationToken cancellation)
    {
        Reservations reservations = task.Unit.Reservations;
        bool done = releases
            ? reservations.TryReleaseLegacy(task.Nexus.Initiator)
            : reservations.TryReserveLegacy(task.Nexus.Initiator);
        if (!done)
            task.Fail(ScsiStatus.ReservationConflict);
        return ValueTask.CompletedTask;
    }
}
