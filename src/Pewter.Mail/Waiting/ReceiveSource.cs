using System.Threading.Tasks.Sources;

namespace Pewter.Mail;

/// <summary>
/// The wait of one asynchronous receiver, used again and again. Whoever takes it from its mailbox ends it, once.
/// </summary>
internal sealed class ReceiveSource : IValueTaskSource
{
    private ManualResetValueTaskSourceCore<bool> _core = new() { RunContinuationsAsynchronously = true };

    internal ValueTask Start()
    {
        _core.Reset();
        return new ValueTask(this, _core.Version);
    }

    internal void Wake() => _core.SetResult(true);

    internal void Cancel(CancellationToken cancellation) => _core.SetException(new OperationCanceledException(cancellation));

    void IValueTaskSource.GetResult(short token) => _core.GetResult(token);

    ValueTaskSourceStatus IValueTaskSource.GetStatus(short token) => _core.GetStatus(token);

    void IValueTaskSource.OnCompleted(Action<object?> continuation, object? state, short token, ValueTaskSourceOnCompletedFlags flags) =>
        _core.OnCompleted(continuation, state, token, flags);
}
