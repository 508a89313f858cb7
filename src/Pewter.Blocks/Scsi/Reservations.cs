namespace Pewter.Blocks.Scsi;

/// <summary>
/// Who may use a logical unit: persistent reservations (SPC-4 5.12) and the older RESERVE and RELEASE (SPC-2 5.5). A
/// pure object under its own lock; it answers what happened, the commands raise the unit attentions. Persistent ones
/// are kept over a restart when an initiator activated that (APTPL); a RESERVE never is, which the power-on unit
/// attention after a restart tells.
/// </summary>
internal sealed class Reservations
{
    /// <summary>Bounds what registering under ever new session ids can take.</summary>
    private const int MaxRegistrations = 256;

    private readonly Lock _lock = new();
    private readonly Dictionary<InitiatorPort, ulong> _keys = [];
    private InitiatorPort? _holder;
    private ReservationType _type;
    private InitiatorPort? _legacyHolder;
    private volatile bool _active;

    /// <summary>Anything at all is reserved; the command path looks no further while this is false.</summary>
    public bool IsActive => _active;

    public uint Generation { get; private set; }

    /// <summary>Whether the last registration asked that all this survives a power loss (APTPL).</summary>
    public bool SurvivesPowerLoss { get; private set; }

    public bool Conflicts(InitiatorPort initiator, ReservationClass command)
    {
        if (!_active || command == ReservationClass.Free)
            return false;
        lock (_lock)
        {
            if (_legacyHolder is not null)
                return _legacyHolder != initiator;
            return _type != ReservationType.None && command != ReservationClass.Ready && IsForeign(initiator, command);
        }
    }

    public ReservationSnapshot Read()
    {
        lock (_lock)
            return new(Generation, [.. _keys], _holder, _type);
    }

    /// <summary>Takes over what an earlier server kept.</summary>
    public void Restore(ReservationSnapshot kept)
    {
        lock (_lock)
        {
            foreach ((InitiatorPort initiator, ulong key) in kept.Registrations)
                _keys[initiator] = key;
            (Generation, _holder, _type, SurvivesPowerLoss) = (kept.Generation, kept.Holder, kept.Type, true);
            Refresh();
        }
    }

    /// <summary>REGISTER and REGISTER AND IGNORE EXISTING KEY; a zero key unregisters.</summary>
    public ReservationOutcome Register(InitiatorPort initiator, ulong oldKey, ulong newKey, bool ignoreOldKey, bool survives)
    {
        lock (_lock)
        {
            ReservationOutcome outcome = Register(initiator, oldKey, newKey, ignoreOldKey);
            if (outcome.Status == ScsiStatus.Good)
                SurvivesPowerLoss = survives;
            return outcome;
        }
    }

    public ReservationOutcome Reserve(InitiatorPort initiator, ulong key, ReservationType type)
    {
        lock (_lock)
        {
            if (!Owns(initiator, key))
                return ReservationOutcome.Conflict;
            if (_type != ReservationType.None)
                return IsHolder(initiator) && _type == type ? ReservationOutcome.Done : ReservationOutcome.Conflict;
            (_holder, _type) = (initiator, type);
            Refresh();
            return ReservationOutcome.Done;
        }
    }

    public ReservationOutcome Release(InitiatorPort initiator, ulong key, ReservationType type)
    {
        lock (_lock)
        {
            if (!Owns(initiator, key))
                return ReservationOutcome.Conflict;
            if (_type == ReservationType.None || !IsHolder(initiator))
                return ReservationOutcome.Done;
            if (_type != type)
                return ReservationOutcome.Failed(Sense.Illegal(AdditionalSense.InvalidRelease));
            return Drop(initiator);
        }
    }

    public ReservationOutcome Clear(InitiatorPort initiator, ulong key)
    {
        lock (_lock)
        {
            if (!Owns(initiator, key))
                return ReservationOutcome.Conflict;
            Generation++;
            ReservationOutcome outcome = Others(initiator, AdditionalSense.ReservationsPreempted);
            _keys.Clear();
            (_holder, _type) = (null, ReservationType.None);
            Refresh();
            return outcome;
        }
    }

    /// <summary>
    /// PREEMPT and PREEMPT AND ABORT: takes registrations away by key, and the reservation with them (SPC-4 5.12.11.4).
    /// </summary>
    public ReservationOutcome Preempt(InitiatorPort initiator, ulong key, ulong victimKey, ReservationType type)
    {
        lock (_lock)
        {
            if (!Owns(initiator, key))
                return ReservationOutcome.Conflict;
            bool wholeReservation = _type != ReservationType.None && (AllRegistrants
                ? victimKey == 0
                : _holder is not null && _keys.GetValueOrDefault(_holder) == victimKey);
            if (victimKey == 0 && !wholeReservation)
                return ReservationOutcome.Failed(Sense.InvalidParameter);
            InitiatorPort[] victims = [.. _keys.Where(r => r.Key != initiator
                && (r.Value == victimKey || (victimKey == 0 && AllRegistrants))).Select(r => r.Key)];
            if (victims.Length == 0 && !wholeReservation)
                return ReservationOutcome.Conflict;
            return Preempt(initiator, victims, wholeReservation, type);
        }
    }

    public bool TryReserveLegacy(InitiatorPort initiator)
    {
        lock (_lock)
        {
            if (_keys.Count > 0 || (_legacyHolder is not null && _legacyHolder != initiator))
                return false;
            _legacyHolder = initiator;
            Refresh();
            return true;
        }
    }

    /// <summary>
    /// RELEASE: does nothing for those who hold nothing; false when persistent registrations rule instead.
    /// </summary>
    public bool TryReleaseLegacy(InitiatorPort initiator)
    {
        lock (_lock)
        {
            if (_keys.Count > 0)
                return false;
            if (_legacyHolder == initiator)
                _legacyHolder = null;
            Refresh();
            return true;
        }
    }

    public void LoseNexus(InitiatorPort initiator)
    {
        lock (_lock)
        {
            if (_legacyHolder == initiator)
                _legacyHolder = null;
            Refresh();
        }
    }

    public void ReleaseLegacy()
    {
        lock (_lock)
        {
            _legacyHolder = null;
            Refresh();
        }
    }

    private bool AllRegistrants =>
        _type is ReservationType.WriteExclusiveAllRegistrants or ReservationType.ExclusiveAccessAllRegistrants;

    private bool RegistrantsMayUse => AllRegistrants
        || _type is ReservationType.WriteExclusiveRegistrantsOnly or ReservationType.ExclusiveAccessRegistrantsOnly;

    private bool OnlyWritesConflict => _type is ReservationType.WriteExclusive
        or ReservationType.WriteExclusiveRegistrantsOnly or ReservationType.WriteExclusiveAllRegistrants;

    private bool IsHolder(InitiatorPort initiator) => AllRegistrants ? _keys.ContainsKey(initiator) : _holder == initiator;

    private bool Owns(InitiatorPort initiator, ulong key) => _keys.TryGetValue(initiator, out ulong own) && own == key;

    private bool IsForeign(InitiatorPort initiator, ReservationClass command) =>
        !IsHolder(initiator)
        && !(RegistrantsMayUse && _keys.ContainsKey(initiator))
        && !(OnlyWritesConflict && command == ReservationClass.Read);

    private ReservationOutcome Register(InitiatorPort initiator, ulong oldKey, ulong newKey, bool ignoreOldKey)
    {
        bool registered = _keys.TryGetValue(initiator, out ulong current);
        if (!ignoreOldKey && oldKey != current)
            return ReservationOutcome.Conflict;
        if (newKey == 0 && !registered)
            return ReservationOutcome.Done;
        if (!registered && _keys.Count >= MaxRegistrations)
            return ReservationOutcome.Failed(Sense.Illegal(AdditionalSense.InsufficientRegistrationResources));
        Generation++;
        if (newKey != 0)
        {
            _keys[initiator] = newKey;
            return ReservationOutcome.Done;
        }
        return Unregister(initiator);
    }

    private ReservationOutcome Unregister(InitiatorPort initiator)
    {
        bool wasHolder = _type != ReservationType.None && IsHolder(initiator);
        bool toldRegistrants = RegistrantsMayUse;
        _keys.Remove(initiator);
        if (!wasHolder || (AllRegistrants && _keys.Count > 0))
            return ReservationOutcome.Done;
        (_holder, _type) = (null, ReservationType.None);
        Refresh();
        return toldRegistrants ? Others(initiator, AdditionalSense.ReservationsReleased) : ReservationOutcome.Done;
    }

    private ReservationOutcome Drop(InitiatorPort initiator)
    {
        bool toldRegistrants = RegistrantsMayUse;
        (_holder, _type) = (null, ReservationType.None);
        Refresh();
        return toldRegistrants ? Others(initiator, AdditionalSense.ReservationsReleased) : ReservationOutcome.Done;
    }

    private ReservationOutcome Preempt(
        InitiatorPort initiator, InitiatorPort[] victims, bool wholeReservation, ReservationType type)
    {
        Generation++;
        foreach (InitiatorPort victim in victims)
            _keys.Remove(victim);
        List<(InitiatorPort, AdditionalSense)> told =
            [.. victims.Select(v => (v, AdditionalSense.RegistrationsPreempted))];
        if (wholeReservation)
        {
            if (RegistrantsMayUse && _type != type)
                told.AddRange(_keys.Keys.Where(k => k != initiator).Select(k => (k, AdditionalSense.ReservationsReleased)));
            (_holder, _type) = (initiator, type);
        }
        Refresh();
        return new(ScsiStatus.Good, default, told, victims);
    }

    private ReservationOutcome Others(InitiatorPort initiator, AdditionalSense code) =>
        new(ScsiStatus.Good, default, [.. _keys.Keys.Where(k => k != initiator).Select(k => (k, code))], []);

    private void Refresh() => _active = _legacyHolder is not null || _type != ReservationType.None;
}
