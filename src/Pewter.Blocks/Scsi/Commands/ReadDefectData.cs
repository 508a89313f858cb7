namespace Pewter.Blocks.Scsi.Commands;

/// <summary>
/// READ DEFECT DATA (10) and (12) (SBC-3 5.17, 5.18): both lists are empty, because a disk here has no sectors of its
/// own.
/// </summary>
internal sealed class ReadDefectData(byte[] usage) : ScsiCommand(usage, ReservationClass.Read)
{
    private readonly bool _long = usage.Length == 12;

    public override Sense Plan(ScsiTask task) => PlanDataIn(task, _long ? U32(task, 6) : U16(task, 7));

    public override ValueTask ExecuteAsync(ScsiTask task, CancellationToken cancellation)
    {
        int length = _long ? 8 : 4;
        task.BeginDataIn(length)[1] = (byte)(task.Cdb[_long ? 1 : 2] & 0x1F);
        task.EndDataIn(length);
        return ValueTask.CompletedTask;
    }
}
