using static System.Buffers.Binary.BinaryPrimitives;

namespace Pewter.Blocks.Scsi.Commands;

/// <summary>READ CAPACITY (10) (SBC-3 5.15).</summary>
internal sealed class ReadCapacity10()
    : ScsiCommand([0x25, 0, 0xFF, 0xFF, 0xFF, 0xFF, 0, 0, 0x01, 0], ReservationClass.Free)
{
    public override Sense Plan(ScsiTask task) =>
        (task.Cdb[8] & 1) == 0 && U32(task, 2) != 0 ? Sense.InvalidField : PlanDataIn(task, 8);

    public override ValueTask ExecuteAsync(ScsiTask task, CancellationToken cancellation)
    {
        Span<byte> data = task.BeginDataIn(8);
        WriteUInt32BigEndian(data, (uint)Math.Min(uint.MaxValue, task.Unit.BlockCount - 1));
        WriteUInt32BigEndian(data[4..], LogicalUnit.BlockSize);
        task.EndDataIn(8);
        return ValueTask.CompletedTask;
    }
}
