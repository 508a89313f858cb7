namespace Pewter.Blocks.Scsi.Commands;

/// <summary>REPORT SUPPORTED TASK MANAGEMENT FUNCTIONS (SPC-4 6.37).</summary>
internal sealed class ReportSupportedTaskManagement()
    : ScsiCommand([0xA3, 0x1F, 0x80, 0, 0, 0, 0xFF, 0xFF, 0xFF, 0xFF, 0, 0], ReservationClass.Read, serviceAction: 0x0D)
{
    public override Sense Plan(ScsiTask task) => U32(task, 6) < 4 ? Sense.InvalidField : PlanDataIn(task, U32(task, 6));

    public override ValueTask ExecuteAsync(ScsiTask task, CancellationToken cancellation)
    {
        int length = (task.Cdb[2] & 0x80) != 0 ? 16 : 4;
        Span<byte> data = task.BeginDataIn(length);
        data[0] = 0xDA; // abort task, abort task set, clear task set, logical unit reset, target reset
        if (length > 4)
            data[3] = 12;
        task.EndDataIn(length);
        return ValueTask.CompletedTask;
    }
}
