namespace Pewter.Blocks.Scsi;

/// <summary>
/// What a PERSISTENT RESERVE OUT did: its status, whom to tell, and whose tasks PREEMPT AND ABORT ends.
/// </summary>
internal sealed record ReservationOutcome(
    ScsiStatus Status,
    Sense Sense,
    IReadOnlyList<(InitiatorPort Initiator, AdditionalSense Code)> Attentions,
    IReadOnlyList<InitiatorPort> Victims)
{
    public static ReservationOutcome Done { get; } = new(ScsiStatus.Good, default, [], []);

    public static ReservationOutcome Conflict { get; } = new(ScsiStatus.ReservationConflict, default, [], []);

    public static ReservationOutcome Failed(Sense sense) => new(ScsiStatus.CheckCondition, sense, [], []);
}
