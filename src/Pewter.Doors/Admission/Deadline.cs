namespace Pewter.Doors.Admission;

/// <summary>Fires at a moment however far away: timers reach 49 days, a longer time is waited for in pieces. Owned by who made it.</summary>
internal sealed class Deadline : IDisposable
{
    private static readonly TimeSpan LongestWait = TimeSpan.FromDays(30);

    private readonly CancellationTokenSource _source = new();
    private readonly DateTimeOffset _at;
    private readonly TimeProvider _time;
    private readonly ITimer _timer;

    public Deadline(DateTimeOffset at, TimeProvider time)
    {
        (_at, _time) = (at, time);
        Reached = _source.Token;
        _timer = time.CreateTimer(static state => ((Deadline)state!).Look(), this, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
        _timer.Change(Wait(), Timeout.InfiniteTimeSpan);
    }

    /// <summary>Fires at the moment, or when <see cref="Dispose"/> brings it forward.</summary>
    public CancellationToken Reached { get; }

    /// <summary>Whether the moment has come.</summary>
    public bool IsPast => _at <= _time.GetUtcNow();

    /// <summary>Fires now.</summary>
    public void Dispose()
    {
        _timer.Dispose();
        _source.Cancel();
    }

    private void Look()
    {
        if (IsPast)
            _source.Cancel();
        else
            _timer.Change(Wait(), Timeout.InfiniteTimeSpan);
    }

    private TimeSpan Wait()
    {
        var left = _at - _time.GetUtcNow();
        return left < TimeSpan.Zero ? TimeSpan.Zero : left < LongestWait ? left : LongestWait;
    }
}
