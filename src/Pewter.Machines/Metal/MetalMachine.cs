using Pewter.Bmc;

namespace Pewter.Machines.Metal;

/// <summary>
/// A physical machine: its durable record, and what was last seen of its power. The record is replaced as a whole by the inventory; what is done
/// with the controller takes turns.
/// </summary>
internal sealed class MetalMachine(MetalRecord record)
{
    private MetalRecord _record = record;
    private int _power = -1;

    public MetalRecord Record
    {
        get => Volatile.Read(ref _record);
        set => Volatile.Write(ref _record, value);
    }

    /// <summary>What was last seen; null when nothing was.</summary>
    public PowerState? Power
    {
        get => Volatile.Read(ref _power) is var power && power < 0 ? null : (PowerState)power;
        set => Volatile.Write(ref _power, value is { } seen ? (int)seen : -1);
    }
}
