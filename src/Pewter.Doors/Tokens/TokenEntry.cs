namespace Pewter.Doors.Tokens;

/// <summary>A living token: what is kept of it, and the end that its bearers' connections watch. The store owns it.</summary>
internal sealed class TokenEntry : IDisposable
{
    /// <summary>Timers reach 49 days; a longer life is waited for in pieces.</summary>
    private static readonly TimeSpan LongestWait = TimeSpan.FromDays(30);

    private readonly CancellationTokenSource _end = new();
    private readonly ITimer _timer;
    private readonly TimeProvider _time;

    public TokenEntry(StoredToken stored, TimeProvider time)
    {
        (Stored, _time) = (stored, time);
        Ended = _end.Token;
        _timer = time.CreateTimer(static state => ((TokenEntry)state!).EndWhenDue(), this, Wait(), Timeout.InfiniteTimeSpan);
    }

    public StoredToken Stored { get; }

    /// <summary>Fires when the token expires or is revoked.</summary>
    public CancellationToken Ended { get; }

    public bool IsExpired => Stored.Grant.ExpiresAt <= _time.GetUtcNow();

    /// <summary>Ends the token now.</summary>
    public void Dispose()
    {
        _timer.Dispose();
        _end.Cancel();
    }

    private void EndWhenDue()
    {
        if (IsExpired)
            _end.Cancel();
        else
            _timer.Change(Wait(), Timeout.InfiniteTimeSpan);
    }

    private TimeSpan Wait()
    {
        var left = Stored.Grant.ExpiresAt - _time.GetUtcNow();
        return left < TimeSpan.Zero ? TimeSpan.Zero : left < LongestWait ? left : LongestWait;
    }
}
