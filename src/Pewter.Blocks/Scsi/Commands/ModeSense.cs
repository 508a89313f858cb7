using static System.Buffers.Binary.BinaryPrimitives;

namespace Pewter.Blocks.Scsi.Commands;

/// <summary>MODE SENSE (6) and (10) (SPC-4 6.13, 6.14).</summary>
internal sealed class ModeSense(byte[] usage) : ScsiCommand(usage, ReservationClass.Read)
{
    private const int MaxLength = 256;
    private const byte WriteProtected = 0x80, DpoFua = 0x10;

    private readonly bool _long = usage.Length == 10;

    public override Sense Plan(ScsiTask task)
    {
        Span<byte> probe = stackalloc byte[MaxLength];
        byte control = (byte)(task.Cdb[2] >> 6);
        if (control == 3)
            return Sense.Illegal(AdditionalSense.SavingNotSupported);
        if (ModePages.Write(probe, (byte)(task.Cdb[2] & 0x3F), task.Cdb[3], control, task.Unit) < 0)
            return Sense.InvalidField;
        return PlanDataIn(task, _long ? U16(task, 7) : task.Cdb[4]);
    }

    public override ValueTask ExecuteAsync(ScsiTask task, CancellationToken cancellation)
    {
        Span<byte> data = task.BeginDataIn(MaxLength);
        int header = _long ? 8 : 4;
        byte parameter = (byte)(DpoFua | (task.Unit.IsWriteProtected || task.Nexus.IsReadOnly ? WriteProtected : 0));
        data[_long ? 3 : 2] = parameter;
        int at = header;
        if ((task.Cdb[1] & 0x08) == 0)
        {
            data[_long ? 7 : 3] = 8;
            WriteUInt32BigEndian(data[at..], (uint)Math.Min(uint.MaxValue, task.Unit.BlockCount));
            WriteUInt32BigEndian(data[(at + 4)..], LogicalUnit.BlockSize);
            at += 8;
        }
        at += ModePages.Write(data[at..], (byte)(task.Cdb[2] & 0x3F), task.Cdb[3], (byte)(task.Cdb[2] >> 6), task.Unit);
        if (_long)
            WriteUInt16BigEndian(data, (ushort)(at - 2));
        else
            data[0] = (byte)(at - 1);
        task.EndDataIn(at);
        return ValueTask.CompletedTask;
    }
}
