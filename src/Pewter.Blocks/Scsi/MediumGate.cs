namespace Pewter.Blocks.Scsi;

/// <summary>
/// Lets COMPARE AND WRITE and the other read-modify-write commands be atomic: they enter alone, plain writes enter
/// together. Waiters are served in order of arrival, so neither kind starves. Any thread; entering without a wait
/// allocates nothing.
/// </summary>
internal sealed class MediumGate
{
    private readonly Lock _lock = new();
    private readonly Queue<(bool Alone, TaskCompletionSource Entered)> _waiting = new();
    private int _inside;
    private bool _alone;

    public bool TryEnterShared()
    {
        lock (_lock)
        {
            if (_alone || _waiting.Count > 0)
                return false;
            _inside++;
            return true;
        }
    }

    public ValueTask EnterSharedAsync() => TryEnterShared() ? ValueTask.CompletedTask : WaitAsync(alone: false);

    public ValueTask EnterAloneAsync()
    {
        lock (_lock)
        {
            if (_inside == 0 && _waiting.Count == 0)
            {
                (_inside, _alone) = (1, true);
                return ValueTask.CompletedTask;
            }
        }
        return WaitAsync(alone: true);
    }

    public void Exit()
    {
        lock (_lock)
        {
            _inside--;
            if (_inside == 0)
                _alone = false;
            Admit();
        }
    }

    private ValueTask WaitAsync(bool alone)
    {
        var entered = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        lock (_lock)
        {
            _waiting.Enqueue((alone, entered));
            Admit();
        }
        return new ValueTask(entered.Task);
    }

    private void Admit()
    {
        while (!_alone && _waiting.TryPeek(out (bool Alone, TaskCompletionSource Entered) next))
        {
            if (next.Alone && _inside > 0)
                return;
            _waiting.Dequeue();
            _inside++;
            _alone = next.Alone;
            next.Entered.SetResult();
        }
    }
}
