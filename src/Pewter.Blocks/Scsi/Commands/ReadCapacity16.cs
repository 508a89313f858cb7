using static System.Buffers.Binary.BinaryPrimitives;

namespace Pewter.Blocks.Scsi.Commands;

/// <summary>
/// READ CAPACITY (16) (SBC-3 5.16): also says that the disk is thin and that its physical blocks are 4 KiB.
/// </summary>
internal sealed class ReadCapacity16() : ScsiCommand(Map(), ReservationClass.Free, serviceAction: 0x10)
{
    private const int Length = 32;

    public override Sense Plan(ScsiTask task) =>
        (task.Cdb[14] & 1) == 0 && ReadUInt64BigEndian(task.Cdb.AsSpan(2)) != 0
            ? Sense.InvalidField
            : PlanDataIn(task, U32(task, 10));

    public override ValueTask ExecuteAsync(ScsiTask task, CancellationToken cancellation)
    {
        Span<byte> data = task.BeginDataIn(Length);
        WriteInt64BigEndian(data, task.Unit.BlockCount - 1);
        WriteUInt32BigEndian(data[8..], LogicalUnit.BlockSize);
        data[13] = (byte)int.Log2(task.Unit.PhysicalBlock / LogicalUnit.BlockSize);
        data[14] = 0xC0; // LBPME, LBPRZ
        task.EndDataIn(Length);
        return ValueTask.CompletedTask;
    }

    private static byte[] Map()
    {
        byte[] map = CdbUsage.ServiceIn16(0x9E, 0x1F);
        map[14] = 0x01;
        return map;
    }
}
