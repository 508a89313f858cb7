namespace Pewter.Blocks.Scsi;

/// <summary>What PERSISTENT RESERVE IN reports, all of one instant.</summary>
internal sealed record ReservationSnapshot(
    uint Generation, IReadOnlyList<KeyValuePair<InitiatorPort, ulong>> Registrations, InitiatorPort? Holder, ReservationType Type)
{
    public bool AllRegistrants =>
        Type is ReservationType.WriteExclusiveAllRegistrants or ReservationType.ExclusiveAccessAllRegistrants;

    /// <summary>The key READ RESERVATION shows: 0 when all registrants hold it.</summary>
    public ulong HolderKey => AllRegistrants ? 0 : Registrations.FirstOrDefault(r => r.Key == Holder).Value;

    public bool Holds(InitiatorPort initiator) => Type != ReservationType.None && (AllRegistrants || Holder == initiator);
}
