namespace Pewter.Images.Library;

/// <summary>A disk that is there. Its record is a snapshot that may be read at any time; it is replaced under the disk's own work.</summary>
internal sealed class Disk(DiskRecord record, string state)
{
    private volatile DiskRecord _record = record;
    private volatile string _state = state;

    public DiskRecord Record
    {
        get => _record;
        set => _record = value;
    }

    /// <summary>One of <see cref="DiskStates"/>.</summary>
    public string State
    {
        get => _state;
        set => _state = value;
    }

    public long Number => _record.Number;

    public string Id => _record.Id;

    /// <summary>One change of it at a time.</summary>
    public SemaphoreSlim Work { get; } = new(1, 1);
}
