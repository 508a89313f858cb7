using static System.Buffers.Binary.BinaryPrimitives;

namespace Pewter.Blocks.Scsi.Commands;

/// <summary>REPORT LUNS (SPC-4 6.33).</summary>
internal sealed class ReportLuns()
    : ScsiCommand([0xA0, 0, 0xFF, 0, 0, 0, 0xFF, 0xFF, 0xFF, 0xFF, 0, 0], ReservationClass.Free)
{
    public override bool IgnoresAttention => true;

    public override bool NeedsUnit => false;

    public override Sense Plan(ScsiTask task) =>
        task.Cdb[2] > 2 || U32(task, 6) < 16 ? Sense.InvalidField : PlanDataIn(task, U32(task, 6));

    public override ValueTask ExecuteAsync(ScsiTask task, CancellationToken cancellation)
    {
        // SELECT REPORT 1 asks for well-known units only, of which there are none.
        IReadOnlyList<ushort> luns = task.Cdb[2] == 1 ? [] : task.Nexus.Luns;
        int length = 8 + 8 * luns.Count;
        Span<byte> data = task.BeginDataIn(length);
        WriteInt32BigEndian(data, 8 * luns.Count);
        for (int i = 0; i < luns.Count; i++)
            WriteUInt64BigEndian(data[(8 + 8 * i)..], LunFormat.Encode(luns[i]));
        task.EndDataIn(length);
        return ValueTask.CompletedTask;
    }
}
