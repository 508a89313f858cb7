using System.Text;
using static System.Buffers.Binary.BinaryPrimitives;

namespace Pewter.Blocks.Scsi.Commands;

/// <summary>INQUIRY (SPC-4 6.6): the standard data and the vital product data pages.</summary>
internal sealed class Inquiry() : ScsiCommand([0x12, 0x01, 0xFF, 0xFF, 0xFF, 0], ReservationClass.Free)
{
    private const int StandardLength = 74;
    private static readonly ushort[] Versions = [0x0960, 0x0460, 0x04C0, 0x0080];

    public override bool IgnoresAttention => true;

    public override bool NeedsUnit => false;

    public override Sense Plan(ScsiTask task)
    {
        bool vital = (task.Cdb[1] & 1) != 0;
        if (vital ? !VitalProductData.IsSupported(task.Cdb[2]) : task.Cdb[2] != 0)
            return Sense.InvalidField;
        return PlanDataIn(task, U16(task, 3));
    }

    public override ValueTask ExecuteAsync(ScsiTask task, CancellationToken cancellation)
    {
        if ((task.Cdb[1] & 1) != 0)
            task.EndDataIn(VitalProductData.Write(task.Cdb[2], task.BeginDataIn(VitalProductData.MaxLength), task.Nexus));
        else
            WriteStandard(task.BeginDataIn(StandardLength), task);
        return ValueTask.CompletedTask;
    }

    /// <summary>
    /// The first bytes for a LUN that does not exist: peripheral qualifier 3, type 1Fh (SPC-4 6.6.2).
    /// </summary>
    public static int WriteAbsent(Span<byte> data)
    {
        data[0] = 0x7F;
        data[2] = 0x06;
        data[3] = 0x12;
        data[4] = 36 - 5;
        return 36;
    }

    private static void WriteStandard(Span<byte> data, ScsiTask task)
    {
        data[2] = 0x06; // SPC-4
        data[3] = 0x12; // HiSup, response data format 2
        data[4] = StandardLength - 5;
        data[7] = 0x02; // command queueing
        data[8..36].Fill((byte)' ');
        Encoding.ASCII.GetBytes("PEWTER", data[8..]);
        Encoding.ASCII.GetBytes("DISK", data[16..]);
        Encoding.ASCII.GetBytes("0001", data[32..]);
        for (int i = 0; i < Versions.Length; i++)
            WriteUInt16BigEndian(data[(58 + 2 * i)..], Versions[i]); // iSCSI, SPC-4, SBC-3, SAM-4
        task.EndDataIn(StandardLength);
    }
}
