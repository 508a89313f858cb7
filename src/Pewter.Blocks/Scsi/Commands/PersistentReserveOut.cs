using static System.Buffers.Binary.BinaryPrimitives;

namespace Pewter.Blocks.Scsi.Commands;

/// <summary>
/// PERSISTENT RESERVE OUT (SPC-4 6.16), all service actions but REGISTER AND MOVE and REPLACE LOST RESERVATION.
/// </summary>
internal sealed class PersistentReserveOut(byte action)
    : ScsiCommand([0x5F, 0x1F, 0xFF, 0, 0, 0xFF, 0xFF, 0xFF, 0xFF, 0], ReservationClass.Free, action)
{
    public const byte Register = 0, Reserve = 1, Release = 2, Clear = 3, Preempt = 4, PreemptAndAbort = 5, RegisterAndIgnore = 6;

    private const int ListLength = 24;
    private const int SpecifyInitiators = 0x08, AllTargetPorts = 0x04, SurvivesPowerLoss = 0x01;

    public override Sense Plan(ScsiTask task)
    {
        bool typed = action is Reserve or Release or Preempt or PreemptAndAbort;
        if (typed && ((task.Cdb[2] >> 4) != 0 || !IsType(task.Cdb[2] & 0xF)))
            return Sense.InvalidField;
        if (U32(task, 5) != ListLength)
            return Sense.Illegal(AdditionalSense.ParameterListLengthError);
        task.PlanTransfer(ScsiTransfer.DataOut, ListLength);
        return default;
    }

    public override ValueTask ExecuteAsync(ScsiTask task, CancellationToken cancellation)
    {
        if (task.DataOut.Length < ListLength)
        {
            task.Fail(Sense.Illegal(AdditionalSense.ParameterListLengthError));
            return ValueTask.CompletedTask;
        }
        // SPEC_I_PT and ALL_TG_PT are not offered by REPORT CAPABILITIES, APTPL only where the disk can keep it.
        int refused = task.Unit.KeepsReservations ? SpecifyInitiators | AllTargetPorts : SpecifyInitiators | AllTargetPorts | SurvivesPowerLoss;
        if ((task.DataOut.Span[20] & refused) != 0)
        {
            task.Fail(Sense.InvalidParameter);
            return ValueTask.CompletedTask;
        }
        ReservationOutcome outcome = Act(task);
        if (outcome.Status == ScsiStatus.Good)
            task.Unit.KeepReservations();
        Apply(task, outcome);
        return ValueTask.CompletedTask;
    }

    private ReservationOutcome Act(ScsiTask task)
    {
        Reservations reservations = task.Unit.Reservations;
        InitiatorPort initiator = task.Nexus.Initiator;
        ulong key = ReadUInt64BigEndian(task.DataOut.Span);
        ulong actionKey = ReadUInt64BigEndian(task.DataOut.Span[8..]);
        var type = (ReservationType)(task.Cdb[2] & 0xF);
        bool survives = (task.DataOut.Span[20] & SurvivesPowerLoss) != 0;
        return action switch
        {
            Register => reservations.Register(initiator, key, actionKey, ignoreOldKey: false, survives),
            RegisterAndIgnore => reservations.Register(initiator, key, actionKey, ignoreOldKey: true, survives),
            Reserve => reservations.Reserve(initiator, key, type),
            Release => reservations.Release(initiator, key, type),
            Clear => reservations.Clear(initiator, key),
            _ => reservations.Preempt(initiator, key, actionKey, type),
        };
    }

    private void Apply(ScsiTask task, ReservationOutcome outcome)
    {
        foreach ((InitiatorPort initiator, AdditionalSense code) in outcome.Attentions)
            task.Unit.RaiseTo(initiator, code);
        if (action == PreemptAndAbort)
            task.Unit.AbortTasks(outcome.Victims);
        if (outcome.Status == ScsiStatus.CheckCondition)
            task.Fail(outcome.Sense);
        else if (outcome.Status != ScsiStatus.Good)
            task.Fail(outcome.Status);
    }

    private static bool IsType(int type) => type is 1 or 3 or 5 or 6 or 7 or 8;
}
