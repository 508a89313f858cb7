using Pewter.Blocks.Exports;

namespace Pewter.Blocks.Scsi;

/// <summary>
/// A disk as SCSI sees it (SAM-5 logical unit, SBC-3 direct access block device): one for each
/// <see cref="BlockDevice"/>, shared by every target that shows the disk, so that reservations and unit attentions are
/// the disk's own. All members may be called at once.
/// </summary>
public sealed class LogicalUnit
{
    /// <summary>Bytes of a logical block.</summary>
    public const int BlockSize = 512;

    private readonly Lock _lock = new();
    private readonly Lock _keeping = new();
    private readonly List<Nexus> _nexuses = [];
    private readonly HashSet<InitiatorPort> _known = [];

    /// <summary>Creates the unit.</summary>
    /// <param name="device">The disk; whoever created it disposes of it after the unit's last session.</param>
    /// <param name="identity">Who it says it is.</param>
    /// <param name="physicalBlock">
    /// What initiators shall align to, bytes: the device's unit of allocation, a power of two from 512 up.
    /// </param>
    public LogicalUnit(BlockDevice device, UnitIdentity identity, int physicalBlock = 4096)
    {
        if (physicalBlock < BlockSize || !int.IsPow2(physicalBlock))
            throw new ArgumentOutOfRangeException(nameof(physicalBlock));
        PhysicalBlock = physicalBlock;
        ArgumentNullException.ThrowIfNull(device);
        ArgumentNullException.ThrowIfNull(identity);
        (Device, Identity) = (device, identity);
        if (device.Kept?.Read() is { IsEmpty: false } kept)
            Reservations.Restore(ReservationRecord.Read(kept.Span));
        device.LengthChanged += (_, _) => RaiseToAll(AdditionalSense.CapacityChanged);
    }

    /// <summary>The disk.</summary>
    public BlockDevice Device { get; }

    /// <summary>Who it says it is.</summary>
    public UnitIdentity Identity { get; }

    /// <summary>What initiators shall align to, bytes.</summary>
    public int PhysicalBlock { get; }

    /// <summary>What passed, as the export that shows the disk counts it.</summary>
    public ExportTraffic Traffic { get; init; } = new();

    internal Reservations Reservations { get; } = new();

    /// <summary>Whether reservations can outlive the server (PTPL_C).</summary>
    internal bool KeepsReservations => Device.Kept is not null;

    internal MediumGate Gate { get; } = new();

    internal ModeState Modes { get; } = new();

    internal long BlockCount => Device.Length / BlockSize;

    internal bool IsWriteProtected => Device.IsReadOnly || Modes.SoftwareWriteProtect;

    /// <summary>
    /// Adds a path; the initiator port learns by unit attention whether it is new or comes back (SAM-5 6.3, 6.4).
    /// </summary>
    internal void Attach(Nexus nexus)
    {
        lock (_lock)
        {
            nexus.Raise(_known.Add(nexus.Initiator) ? AdditionalSense.PowerOn : AdditionalSense.NexusLoss);
            _nexuses.Add(nexus);
        }
    }

    /// <summary>Makes durable what an earlier server and this one were told to keep; after each change, before it is acknowledged.</summary>
    internal void KeepReservations()
    {
        if (Device.Kept is not { } kept)
            return;
        lock (_keeping)
        {
            byte[] wanted = Reservations.SurvivesPowerLoss ? ReservationRecord.Write(Reservations.Read()) : [];
            if (wanted.Length > 0 || !kept.Read().IsEmpty)
                kept.Write(wanted);
        }
    }

    /// <summary>Removes a path; what a RESERVE held for it is released, persistent reservations stay.</summary>
    internal void Detach(Nexus nexus)
    {
        lock (_lock)
            _nexuses.Remove(nexus);
        Reservations.LoseNexus(nexus.Initiator);
    }

    /// <summary>Logical unit reset (SAM-5 6.3.3), after the transport has ended the unit's tasks.</summary>
    internal void Reset(AdditionalSense attention)
    {
        Reservations.ReleaseLegacy();
        Modes.Reset();
        RaiseToAll(attention);
    }

    /// <summary>Raised when a PREEMPT AND ABORT ends the tasks of initiators; transports abort them.</summary>
    internal event Action<IReadOnlyList<InitiatorPort>>? Aborting;

    internal void AbortTasks(IReadOnlyList<InitiatorPort> initiators) => Aborting?.Invoke(initiators);

    internal void RaiseToAll(AdditionalSense code, InitiatorPort? except = null)
    {
        lock (_lock)
        {
            foreach (Nexus nexus in _nexuses)
            {
                if (nexus.Initiator != except)
                    nexus.Raise(code);
            }
        }
    }

    internal void RaiseTo(InitiatorPort initiator, AdditionalSense code)
    {
        lock (_lock)
        {
            foreach (Nexus nexus in _nexuses)
            {
                if (nexus.Initiator == initiator)
                    nexus.Raise(code);
            }
        }
    }
}
