namespace Pewter.Blocks.Exports;

/// <summary>
/// Counts of what passed over an export. Engines add once for a batch of requests, not for each. Reads are snapshots that may tear between
/// counters.
/// </summary>
public sealed class ExportTraffic
{
    /// <summary>Buckets of the latency histogram: bucket i has the requests that took less than 2^i µs and not less than half that.</summary>
    public const int Buckets = 32;

    private readonly long[] _latencies = new long[Buckets];
    private long _reads;
    private long _bytesRead;
    private long _writes;
    private long _bytesWritten;
    private long _others;

    /// <summary>Read requests.</summary>
    public long Reads => Volatile.Read(ref _reads);

    /// <summary>Bytes read.</summary>
    public long BytesRead => Volatile.Read(ref _bytesRead);

    /// <summary>Write requests.</summary>
    public long Writes => Volatile.Read(ref _writes);

    /// <summary>Bytes written.</summary>
    public long BytesWritten => Volatile.Read(ref _bytesWritten);

    /// <summary>Requests of every other kind.</summary>
    public long Others => Volatile.Read(ref _others);

    /// <summary>The latency histogram; see <see cref="Buckets"/>.</summary>
    public IReadOnlyList<long> Latencies => [.. _latencies];

    /// <summary>Adds read requests.</summary>
    public void AddReads(long requests, long bytes)
    {
        Interlocked.Add(ref _reads, requests);
        Interlocked.Add(ref _bytesRead, bytes);
    }

    /// <summary>Adds write requests.</summary>
    public void AddWrites(long requests, long bytes)
    {
        Interlocked.Add(ref _writes, requests);
        Interlocked.Add(ref _bytesWritten, bytes);
    }

    /// <summary>Adds one request of another kind.</summary>
    public void AddOther() => Interlocked.Increment(ref _others);

    /// <summary>Adds requests that took about as long, from their arrival here to their answer.</summary>
    public void AddLatency(TimeSpan each, long requests)
    {
        long microseconds = Math.Max(0, (long)each.TotalMicroseconds);
        int bucket = Math.Min(Buckets - 1, 64 - System.Numerics.BitOperations.LeadingZeroCount((ulong)microseconds));
        Interlocked.Add(ref _latencies[bucket], requests);
    }
}
