using static System.Buffers.Binary.BinaryPrimitives;

namespace Pewter.Blocks.Scsi.Commands;

/// <summary>MODE SELECT (6) and (10) (SPC-4 6.11, 6.12): D_SENSE and SWP of the control page.</summary>
internal sealed class ModeSelect(byte[] usage) : ScsiCommand(usage, ReservationClass.Write)
{
    private readonly bool _long = usage.Length == 10;

    public override Sense Plan(ScsiTask task)
    {
        // SP asks for saved values, of which there are none; without PF the pages have no defined format.
        if ((task.Cdb[1] & 0x01) != 0 || (task.Cdb[1] & 0x10) == 0)
            return Sense.InvalidField;
        task.PlanTransfer(ScsiTransfer.DataOut, _long ? U16(task, 7) : task.Cdb[4]);
        return default;
    }

    public override ValueTask ExecuteAsync(ScsiTask task, CancellationToken cancellation)
    {
        Sense sense = Apply(task);
        if (!sense.IsNone)
            task.Fail(sense);
        return ValueTask.CompletedTask;
    }

    private Sense Apply(ScsiTask task)
    {
        ReadOnlySpan<byte> list = task.DataOut.Span;
        int header = _long ? 8 : 4;
        if (list.IsEmpty)
            return default;
        if (list.Length < header)
            return Sense.Illegal(AdditionalSense.ParameterListLengthError);
        int descriptors = _long ? ReadUInt16BigEndian(list[6..]) : list[3];
        if (list.Length < header + descriptors)
            return Sense.Illegal(AdditionalSense.ParameterListLengthError);
        ReadOnlySpan<byte> page = list[(header + descriptors)..];
        return page.IsEmpty ? default : ApplyPage(task, page);
    }

    private static Sense ApplyPage(ScsiTask task, ReadOnlySpan<byte> page)
    {
        Span<byte> current = stackalloc byte[64];
        Span<byte> changeable = stackalloc byte[64];
        current.Clear();
        changeable.Clear();
        byte code = (byte)(page[0] & 0x3F);
        int length = code == ModePages.All ? -1 : ModePages.Write(current, code, 0, 0, task.Unit);
        if (length < 0 || page.Length < 2 || page[1] != length - 2)
            return Sense.InvalidParameter;
        if (page.Length < length)
            return Sense.Illegal(AdditionalSense.ParameterListLengthError);
        ModePages.Write(changeable, code, 0, 1, task.Unit);
        for (int i = 2; i < length; i++)
        {
            if (((page[i] ^ current[i]) & ~changeable[i]) != 0)
                return Sense.InvalidParameter;
        }
        if (code == ModePages.Control)
            Change(task, page);
        return default;
    }

    private static void Change(ScsiTask task, ReadOnlySpan<byte> page)
    {
        task.Unit.Modes.DescriptorSense = (page[2] & ModePages.DescriptorSenseBit) != 0;
        task.Unit.Modes.SoftwareWriteProtect = (page[4] & ModePages.WriteProtectBit) != 0;
        task.Unit.RaiseToAll(AdditionalSense.ModeParametersChanged, except: task.Nexus.Initiator);
    }
}
