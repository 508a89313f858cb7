using Pewter.Hosting;

namespace Pewter.Networks;

/// <summary>A network that is there. Its record is a snapshot that may be read at any time, replaced by the network's own work.</summary>
internal sealed class Network(NetworkRecord record)
{
    /// <summary>What ids begin with.</summary>
    public const string Prefix = "net";

    private volatile NetworkRecord _record = record;

    public NetworkRecord Record
    {
        get => _record;
        set => _record = value;
    }

    public long Number => _record.Number;

    public string Id => _record.Id;

    /// <summary>Its making, its removal and, where it is a bridge of its own, the changes of its ports.</summary>
    public WorkQueue Work { get; } = new();
}
