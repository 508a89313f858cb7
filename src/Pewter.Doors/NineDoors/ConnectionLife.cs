namespace Pewter.Doors.NineDoors;

/// <summary>
/// How long one connection may last: until the door closes, or the first proof that it was opened by ends. Owned by the connection's task;
/// proofs may be added from its requests.
/// </summary>
internal sealed class ConnectionLife : IDisposable
{
    private readonly CancellationTokenSource _end;
    private readonly Lock _lock = new();
    private readonly List<CancellationTokenRegistration> _proofs = [];
    private readonly List<IDisposable> _owned = [];

    public ConnectionLife(CancellationToken closing)
    {
        _end = CancellationTokenSource.CreateLinkedTokenSource(closing);
        Ended = _end.Token;
    }

    public CancellationToken Ended { get; }

    /// <summary>Ends the connection when this proof does.</summary>
    public void DependOn(CancellationToken proofEnded)
    {
        var registration = proofEnded.UnsafeRegister(static state => ((ConnectionLife)state!).End(), this);
        lock (_lock)
            _proofs.Add(registration);
    }

    /// <summary>Disposes this too, after the connection.</summary>
    public void Own(IDisposable owned)
    {
        lock (_lock)
            _owned.Add(owned);
    }

    public void End()
    {
        try
        {
            _end.Cancel();
        }
        catch (ObjectDisposedException)
        {
            // It ended by itself at the same moment.
        }
    }

    public void Dispose()
    {
        lock (_lock)
        {
            foreach (var proof in _proofs)
                proof.Unregister();
            foreach (var owned in _owned)
                owned.Dispose();
        }

        _end.Dispose();
    }
}
