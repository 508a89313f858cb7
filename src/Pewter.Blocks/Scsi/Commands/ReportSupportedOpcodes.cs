using static System.Buffers.Binary.BinaryPrimitives;

namespace Pewter.Blocks.Scsi.Commands;

/// <summary>REPORT SUPPORTED OPERATION CODES (SPC-4 6.36).</summary>
internal sealed class ReportSupportedOpcodes()
    : ScsiCommand([0xA3, 0x1F, 0x87, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0, 0], ReservationClass.Read, serviceAction: 0x0C)
{
    private const int TimeoutsLength = 12;

    public override Sense Plan(ScsiTask task)
    {
        int option = task.Cdb[2] & 7;
        bool shared = CommandSet.HasServiceActions(task.Cdb[3]);
        bool wrong = option > 3 || (option == 1 && shared) || (option == 2 && !shared && CommandSet.Has(task.Cdb[3]));
        return wrong ? Sense.InvalidField : PlanDataIn(task, U32(task, 6));
    }

    public override ValueTask ExecuteAsync(ScsiTask task, CancellationToken cancellation)
    {
        bool timeouts = (task.Cdb[2] & 0x80) != 0;
        if ((task.Cdb[2] & 7) == 0)
            WriteAll(task, timeouts);
        else
            WriteOne(task, timeouts);
        return ValueTask.CompletedTask;
    }

    private static void WriteAll(ScsiTask task, bool timeouts)
    {
        IReadOnlyList<ScsiCommand> commands = CommandSet.All;
        int each = timeouts ? 8 + TimeoutsLength : 8;
        Span<byte> data = task.BeginDataIn(4 + each * commands.Count);
        WriteInt32BigEndian(data, each * commands.Count);
        for (int i = 0; i < commands.Count; i++)
            WriteDescriptor(data[(4 + each * i)..], commands[i], timeouts);
        task.EndDataIn(4 + each * commands.Count);
    }

    private static void WriteDescriptor(Span<byte> to, ScsiCommand command, bool timeouts)
    {
        to[0] = command.Opcode;
        WriteUInt16BigEndian(to[2..], command.ServiceAction ?? 0);
        to[5] = (byte)((timeouts ? 0x02 : 0) | (command.ServiceAction is null ? 0 : 0x01));
        WriteUInt16BigEndian(to[6..], (ushort)command.Usage.Length);
        if (timeouts)
            WriteUInt16BigEndian(to[8..], TimeoutsLength - 2);
    }

    private static void WriteOne(ScsiTask task, bool timeouts)
    {
        ushort action = U16(task, 4);
        ScsiCommand? command = CommandSet.Find(task.Cdb[3], action > 0xFF ? (byte)0xFF : (byte)action);
        ReadOnlySpan<byte> usage = command is null ? [] : command.Usage;
        int length = 4 + usage.Length + (timeouts && command is not null ? TimeoutsLength : 0);
        Span<byte> data = task.BeginDataIn(length);
        data[1] = command is null ? (byte)1 : (byte)3;
        WriteInt16BigEndian(data[2..], (short)usage.Length);
        usage.CopyTo(data[4..]);
        if (command?.ServiceAction is { } own)
            data[5] = own;
        if (timeouts && command is not null)
        {
            data[1] |= 0x80;
            WriteUInt16BigEndian(data[(4 + usage.Length)..], TimeoutsLength - 2);
        }
        task.EndDataIn(length);
    }
}
