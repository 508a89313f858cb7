using Pewter.Hosting;

namespace Pewter.Networks.Switches;

/// <summary>A switch that is there: its record, its programs, and the queue in which all changes of its ports happen.</summary>
internal sealed class Switch(SwitchRecord record, OvsProcess process, OvsWiring wiring)
{
    private volatile SwitchRecord _record = record;

    public SwitchRecord Record
    {
        get => _record;
        set => _record = value;
    }

    public OvsProcess Process => process;

    public OvsWiring Wiring => wiring;

    public WorkQueue Work { get; } = new();
}
