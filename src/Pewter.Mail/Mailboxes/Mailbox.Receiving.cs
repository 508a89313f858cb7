using System.Runtime.CompilerServices;

namespace Pewter.Mail;

// Receiving: one receiver at a time.
public sealed partial class Mailbox
{
    /// <summary>Takes the next message, if there is one. The last one's body is over.</summary>
    public bool TryReceive(out MailMessage message)
    {
        if (_queue.TryTake(out var header, out var body, out var flow) || (_office.Poll() && _queue.TryTake(out header, out body, out flow)))
        {
            if (flow != 0)
            {
                _office.Took(flow, header.Sequence, _queue.IsDrained);
            }

            if (_room is { Any: true } room && _queue.HasRoomAgain)
            {
                room.Release();
            }

            message = new MailMessage(header, body);
            return true;
        }

        _room?.Release();
        message = default;
        return false;
    }

    /// <summary>Takes the next message, waiting for it on this thread.</summary>
    /// <param name="message">The message.</param>
    /// <param name="timeout">How long at most; infinite by default.</param>
    /// <returns>False when the time is over.</returns>
    /// <exception cref="MailException">EBADF: the mailbox is closed.</exception>
    public bool Receive(out MailMessage message, TimeSpan? timeout = null)
    {
        if (TryReceive(out message) || _office.Spin(this, out message))
        {
            return true;
        }

        var waiter = ThreadWaiter.Mine;
        var wait = timeout ?? Timeout.InfiniteTimeSpan;
        var start = _office.Time.GetTimestamp();
        while (true)
        {
            waiter.Reset();
            Volatile.Write(ref _receiver, waiter);
            if (_queue.TryArm())
            {
                var left = wait < TimeSpan.Zero ? wait : wait - _office.Time.GetElapsedTime(start);
                if (wait >= TimeSpan.Zero && left <= TimeSpan.Zero)
                {
                    _queue.Disarm();
                    return TryReceive(out message);
                }

                _office.Sleep(waiter, left);
                _queue.Disarm();
            }

            if (TryReceive(out message))
            {
                return true;
            }

            DemandOpen();
        }
    }

    /// <summary>Takes the next message, waiting for it.</summary>
    /// <exception cref="MailException">EBADF: the mailbox is closed.</exception>
    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    public async ValueTask<MailMessage> ReceiveAsync(CancellationToken cancellation = default)
    {
        MailMessage message;
        while (!TryReceive(out message))
        {
            DemandOpen();
            var source = _source ??= new ReceiveSource();
            var wait = source.Start();
            Volatile.Write(ref _receiver, source);
            if (!_queue.TryArm())
            {
                if (Interlocked.CompareExchange(ref _receiver, null, source) == source)
                {
                    continue;
                }
            }

            using var registration = cancellation.UnsafeRegister(
                static (box, token) =>
                {
                    if (Interlocked.Exchange(ref ((Mailbox)box!)._receiver, null) is ReceiveSource waiting)
                    {
                        waiting.Cancel(token);
                    }
                },
                this);
            await wait;
        }

        return message;
    }

    /// <summary>Sends a message back that was received and cannot be dealt with; its sender gets it with the reason.</summary>
    /// <param name="message">The message, as it was received.</param>
    /// <param name="reason">Why.</param>
    public void Refuse(in MailMessage message, RejectReason reason) => _office.SendBack(message.Header.Returned(reason), message.Body.Span);

    /// <summary>Whether there is something to receive, or soon will be.</summary>
    internal bool HasWaiting => !_queue.IsDrained;
}
