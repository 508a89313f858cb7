namespace Pewter.Peers.Joining;

/// <summary>
/// Pauses between attempts: each twice as long as the one before up to a longest, and each between half and the whole of it by
/// chance.
/// </summary>
internal sealed class Backoff(TimeSpan first, TimeSpan longest, Random jitter)
{
    private double _doublings;

    /// <summary>It worked: the next pause is a first one.</summary>
    public void Reset() => _doublings = 0;

    /// <summary>The next pause.</summary>
    public TimeSpan Next()
    {
        var whole = first * Math.Pow(2, _doublings);
        _doublings += whole < longest ? 1 : 0;
        return (whole < longest ? whole : longest) * (0.5 + (0.5 * jitter.NextDouble()));
    }
}
