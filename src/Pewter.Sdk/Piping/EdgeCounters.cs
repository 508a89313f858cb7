namespace Pewter.Sdk.Piping;

/// <summary>What has passed an edge. Read by anybody at any time, written by its router.</summary>
public sealed class EdgeCounters
{
    private readonly long[] _records;
    private readonly long[] _bytes;

    internal EdgeCounters(int lanes) => (_records, _bytes) = (new long[lanes], new long[lanes]);

    /// <summary>Records by the instance that they went to.</summary>
    public IReadOnlyList<long> RecordsByLane => _records;

    /// <summary>All records.</summary>
    public long Records => _records.Sum();

    /// <summary>All bytes.</summary>
    public long Bytes => _bytes.Sum();

    /// <summary>Whether the records went from node to node and are not counted here.</summary>
    public bool IsSpliced { get; internal set; }

    internal void Add(int lane, long records, long bytes)
    {
        Interlocked.Add(ref _records[lane], records);
        Interlocked.Add(ref _bytes[lane], bytes);
    }
}
