using System.Collections.Concurrent;
using Pewter.Linux;

namespace Pewter.Mail;

// Requests and their answers. An answer does not pass the queue: it goes to who waits for it.
public sealed partial class Mailbox
{
    private ConcurrentDictionary<ulong, TaskCompletionSource<MailMessage>>? _requests;
    private ulong _lastRequest;

    /// <summary>Sends a request and waits for its answer, whose body is the caller's to keep.</summary>
    /// <param name="to">Whom to ask; of several owners of a name one, in turn.</param>
    /// <param name="body">The request.</param>
    /// <param name="deadline">How long the answer may take.</param>
    /// <param name="options">How.</param>
    /// <param name="cancellation">Gives up.</param>
    /// <exception cref="MailException">ETIMEDOUT: no answer in time. A rejection: see <see
    /// cref="MailException.Reason"/>.</exception>
    public async ValueTask<MailMessage> RequestAsync(
        MailTarget to, ReadOnlyMemory<byte> body, TimeSpan deadline, SendOptions options = default, CancellationToken cancellation = default)
    {
        var requests = _requests ?? Interlocked.CompareExchange(ref _requests, new(), null) ?? _requests;
        var number = Interlocked.Increment(ref _lastRequest);
        var answer = new TaskCompletionSource<MailMessage>(TaskCreationOptions.RunContinuationsAsynchronously);
        requests[number] = answer;
        using var limit = new CancellationTokenSource(deadline, _office.Time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, cancellation);
        try
        {
            await SendSlowlyAsync(to, body, options, number, either.Token);
            var message = await answer.Task.WaitAsync(either.Token);
            Demand(message.Reason, to);
            return message;
        }
        catch (OperationCanceledException) when (!cancellation.IsCancellationRequested)
        {
            throw new MailException(LinuxErrno.ETIMEDOUT, $"No answer from {to} within {deadline.TotalSeconds:0.###} s.");
        }
        finally
        {
            requests.TryRemove(number, out _);
        }
    }

    /// <summary>Answers a request, without waiting.</summary>
    /// <param name="request">The request.</param>
    /// <param name="body">The answer.</param>
    /// <exception cref="MailException">EINVAL: it is no request.</exception>
    public RejectReason Reply(in MailMessage request, ReadOnlySpan<byte> body)
    {
        if (!request.IsRequest)
        {
            throw new MailException(LinuxErrno.EINVAL, "Only a request is answered; send to the message's From instead.");
        }

        return Reply(request.From, request.Request, body, request.Importance);
    }

    /// <summary>Answers a request of which its sender and its number were kept, without waiting.</summary>
    /// <param name="to">Whose request it is: its <see cref="MailMessage.From"/>.</param>
    /// <param name="request">Its <see cref="MailMessage.Request"/>.</param>
    /// <param name="body">The answer.</param>
    /// <param name="importance">As the request has it.</param>
    public RejectReason Reply(PortAddress to, ulong request, ReadOnlySpan<byte> body, Importance importance = Importance.Low)
    {
        DemandSize(body.Length);
        var header = HeaderFor(to, new SendOptions { Importance = importance }, request);
        header.Flags |= FrameFlags.Reply;
        return _office.Send(ref header, body, out _);
    }

    private bool TryAnswer(in FrameHeader header, ReadOnlySpan<byte> body)
    {
        var isAnswer = header.Kind != FrameKind.Reject || !header.Has(FrameFlags.Reply);
        if (_requests is null || !isAnswer || !_requests.TryRemove(header.Request, out var answer))
        {
            // An answer that nobody waits for any more is of no use to anybody.
            return header.Has(FrameFlags.Reply) && header.Kind != FrameKind.Reject;
        }

        answer.TrySetResult(new MailMessage(header, body.ToArray()));
        return true;
    }

    private void FailRequests()
    {
        foreach (var answer in _requests?.Values ?? [])
        {
            answer.TrySetException(MailException.Closed());
        }
    }
}
