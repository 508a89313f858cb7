namespace Pewter.Blocks.Scsi.Commands;

/// <summary>REQUEST SENSE (SPC-4 6.39): reports and clears a waiting unit attention.</summary>
internal sealed class RequestSense() : ScsiCommand([0x03, 0x01, 0, 0, 0xFF, 0], ReservationClass.Free)
{
    public override bool IgnoresAttention => true;

    public override Sense Plan(ScsiTask task) => PlanDataIn(task, task.Cdb[4]);

    public override ValueTask ExecuteAsync(ScsiTask task, CancellationToken cancellation)
    {
        Sense sense = task.Nexus.TryTakeAttention(out AdditionalSense code) ? Sense.Attention(code) : default;
        Span<byte> data = task.BeginDataIn(20);
        task.EndDataIn(sense.Write(data, descriptorFormat: (task.Cdb[1] & 1) != 0));
        return ValueTask.CompletedTask;
    }
}
