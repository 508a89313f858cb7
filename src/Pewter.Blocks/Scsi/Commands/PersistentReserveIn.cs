using static System.Buffers.Binary.BinaryPrimitives;

namespace Pewter.Blocks.Scsi.Commands;

/// <summary>
/// PERSISTENT RESERVE IN (SPC-4 6.15): READ KEYS, READ RESERVATION, REPORT CAPABILITIES and READ FULL STATUS.
/// </summary>
internal sealed class PersistentReserveIn(byte action)
    : ScsiCommand(CdbUsage.Service10(0x5E, 0x1F), ReservationClass.Free, action)
{
    public const byte ReadKeys = 0, ReadReservation = 1, ReportCapabilities = 2, ReadFullStatus = 3;

    private const byte ScopeUnit = 0;

    public override Sense Plan(ScsiTask task) => PlanDataIn(task, U16(task, 7));

    public override ValueTask ExecuteAsync(ScsiTask task, CancellationToken cancellation)
    {
        ReservationSnapshot state = task.Unit.Reservations.Read();
        switch (action)
        {
            case ReadKeys:
                WriteKeys(task, state);
                break;
            case ReadReservation:
                WriteReservation(task, state);
                break;
            case ReportCapabilities:
                WriteCapabilities(task);
                break;
            default:
                WriteFullStatus(task, state);
                break;
        }
        return ValueTask.CompletedTask;
    }

    private static void WriteKeys(ScsiTask task, ReservationSnapshot state)
    {
        int keys = 8 * state.Registrations.Count;
        Span<byte> data = Begin(task, state, keys);
        for (int i = 0; i < state.Registrations.Count; i++)
            WriteUInt64BigEndian(data[(8 + 8 * i)..], state.Registrations[i].Value);
        task.EndDataIn(8 + keys);
    }

    private static void WriteReservation(ScsiTask task, ReservationSnapshot state)
    {
        int length = state.Type == ReservationType.None ? 0 : 16;
        Span<byte> data = Begin(task, state, length);
        if (length > 0)
        {
            WriteUInt64BigEndian(data[8..], state.HolderKey);
            data[21] = (byte)((ScopeUnit << 4) | (byte)state.Type);
        }
        task.EndDataIn(8 + length);
    }

    private static void WriteCapabilities(ScsiTask task)
    {
        Span<byte> data = task.BeginDataIn(8);
        data[1] = 8;
        data[2] = (byte)(0x10 | (task.Unit.KeepsReservations ? 1 : 0)); // CRH, PTPL_C
        data[3] = (byte)(0x80 | (task.Unit.Reservations.SurvivesPowerLoss ? 1 : 0)); // TMV: the type mask is valid; PTPL_A
        data[4] = 0xEA; // all six types
        data[5] = 0x01;
        task.EndDataIn(8);
    }

    private static void WriteFullStatus(ScsiTask task, ReservationSnapshot state)
    {
        byte[][] ids = [.. state.Registrations.Select(r => r.Key.TransportId())];
        int length = ids.Sum(id => 24 + id.Length);
        Span<byte> data = Begin(task, state, length);
        int at = 8;
        for (int i = 0; i < ids.Length; i++)
        {
            WriteUInt64BigEndian(data[at..], state.Registrations[i].Value);
            if (state.Holds(state.Registrations[i].Key))
            {
                data[at + 12] = 0x01; // R_HOLDER
                data[at + 13] = (byte)state.Type;
            }
            WriteUInt16BigEndian(data[(at + 18)..], 1);
            WriteInt32BigEndian(data[(at + 20)..], ids[i].Length);
            ids[i].CopyTo(data[(at + 24)..]);
            at += 24 + ids[i].Length;
        }
        task.EndDataIn(at);
    }

    private static Span<byte> Begin(ScsiTask task, ReservationSnapshot state, int length)
    {
        Span<byte> data = task.BeginDataIn(8 + length);
        WriteUInt32BigEndian(data, state.Generation);
        WriteInt32BigEndian(data[4..], length);
        return data;
    }
}
