namespace Pewter.Hosting;

/// <summary>
/// How long nothing has come from another machine, by the time that this process itself was awake: a process that did not get the processor, or
/// whose timers came late, knows nothing about the other. <see cref="Note"/> may be called from any thread, <see cref="Pass"/> from one task.
/// </summary>
/// <param name="time">The clock.</param>
public sealed class SilenceWatch(TimeProvider time)
{
    /// <summary>100 ms: how often <see cref="Pass"/> is to be called; some fifteen times within the shortest patience.</summary>
    public static readonly TimeSpan Slice = TimeSpan.FromMilliseconds(100);

    // A call that comes later than this was held up, and what the other sent meanwhile may still lie unread.
    private static readonly TimeSpan Longest = Slice * 2;

    private int _notes;
    private int _seen;
    private long _last = time.GetTimestamp();
    private TimeSpan _silence;

    /// <summary>Something came.</summary>
    public void Note() => Interlocked.Increment(ref _notes);

    /// <summary>A slice of time has passed; gives the silence until now.</summary>
    public TimeSpan Pass()
    {
        var now = time.GetTimestamp();
        var (notes, passed) = (Volatile.Read(ref _notes), time.GetElapsedTime(_last, now));
        _silence = notes != _seen ? TimeSpan.Zero : _silence + (passed < Longest ? passed : Slice);
        (_seen, _last) = (notes, now);
        return _silence;
    }
}
