using System.Collections.Concurrent;

namespace Pewter.Doors.Admission;

/// <summary>A bucket of arrivals for each address. Safe from any thread.</summary>
internal sealed class ArrivalRate(DoorLimits limits, TimeProvider time)
{
    /// <summary>Addresses remembered. A full bucket says nothing, so those are dropped when there are more.</summary>
    private const int Remembered = 65_536;

    private readonly ConcurrentDictionary<string, Bucket> _buckets = new(StringComparer.Ordinal);

    /// <summary>Takes one arrival; false when the bucket is empty.</summary>
    public bool TryTake(string address)
    {
        if (_buckets.Count > Remembered)
            DropFullOnes();
        var bucket = _buckets.GetOrAdd(address, _ => new Bucket(limits.ArrivalsAtOnce, time.GetTimestamp()));
        lock (bucket)
        {
            Refill(bucket);
            if (bucket.Arrivals < 1)
                return false;
            bucket.Arrivals--;
            return true;
        }
    }

    private void Refill(Bucket bucket)
    {
        var now = time.GetTimestamp();
        var gained = time.GetElapsedTime(bucket.At, now).TotalSeconds * limits.ArrivalsPerSecond;
        (bucket.Arrivals, bucket.At) = (Math.Min(limits.ArrivalsAtOnce, bucket.Arrivals + gained), now);
    }

    private void DropFullOnes()
    {
        foreach (var (address, bucket) in _buckets)
        {
            lock (bucket)
            {
                Refill(bucket);
                if (bucket.Arrivals >= limits.ArrivalsAtOnce)
                    _buckets.TryRemove(address, out _);
            }
        }
    }

    private sealed class Bucket(double arrivals, long at)
    {
        public double Arrivals { get; set; } = arrivals;

        public long At { get; set; } = at;
    }
}
