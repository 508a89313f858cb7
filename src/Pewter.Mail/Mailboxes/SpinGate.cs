namespace Pewter.Mail;

/// <summary>
/// A lock for sections of a few dozen instructions: entering costs one atomic exchange, leaving one store. Who waits
/// gives its processor away, so a holder that was
/// preempted gets on. Not reentrant; never held while waiting or calling out.
/// </summary>
internal struct SpinGate
{
    private int _held;

    internal void Enter()
    {
        if (Interlocked.Exchange(ref _held, 1) != 0)
        {
            EnterSlowly();
        }
    }

    internal bool TryEnter() => Volatile.Read(ref _held) == 0 && Interlocked.Exchange(ref _held, 1) == 0;

    internal void Exit() => Volatile.Write(ref _held, 0);

    private void EnterSlowly()
    {
        var spin = default(SpinWait);
        do
        {
            spin.SpinOnce(sleep1Threshold: -1);
        }
        while (Volatile.Read(ref _held) != 0 || Interlocked.Exchange(ref _held, 1) != 0);
    }
}
