using Pewter.NineP.Wire;

namespace Pewter.NineP.Server;

/// <summary>
/// The requests that wait, by tag until they are answered and by identity until their work has ended. All state is under the gate of the
/// <see cref="FrameSender"/>, so that leaving the table and queueing the answer are one step: a client that sees an answer may reuse the tag,
/// and a Tflush finds a request either here or already answered.
/// </summary>
internal sealed class RequestTable(FrameSender sender, NineLimits limits)
{
    private readonly Dictionary<ushort, Request> _byTag = [];
    private readonly Dictionary<ushort, Request> _flushedBy = [];
    private readonly HashSet<Request> _running = [];
    private TaskCompletionSource? _idle;
    private int _waitingBytes;

    /// <summary>Whether no more request may wait.</summary>
    public bool IsFull => _running.Count >= limits.Requests;

    /// <summary>Whether a request or Tflush with this tag waits for its answer.</summary>
    public bool IsWaiting(ushort tag)
    {
        if (_running.Count == 0)
            return false;
        lock (sender.Gate)
            return _byTag.ContainsKey(tag) || _flushedBy.ContainsKey(tag);
    }

    /// <summary>Enters a request whose handler has to wait; called by the receive loop right after it found out.</summary>
    public void Register(Request request)
    {
        lock (sender.Gate)
        {
            if (request.HasEnded)
                return;
            _running.Add(request);
            request.IsRegistered = true;
            if (!request.IsRetired)
                _byTag.Add(request.Tag, request);
        }
    }

    /// <summary>The request's work has ended, all of it; may come before <see cref="Register"/>.</summary>
    public void Ended(Request request)
    {
        lock (sender.Gate)
        {
            _waitingBytes -= request.WaitingBytes;
            request.WaitingBytes = 0;
            request.HasEnded = true;
            if (_running.Remove(request) && _running.Count == 0)
                _idle?.TrySetResult();
        }
    }

    /// <summary>
    /// Retires the request; the caller holds the gate and, on true, appends the answer and then calls <see cref="AnswerFlushes"/>, all
    /// in the same hold. False when it must not be answered any more.
    /// </summary>
    public bool Retire(Request request)
    {
        if (request.IsRetired)
            return false;
        request.IsRetired = true;
        if (request.IsRegistered)
            _byTag.Remove(request.Tag);
        return request.Cancelled != CancelReason.Aborted;
    }

    /// <summary>Answers the Tflush requests that waited for this one; the caller holds the gate.</summary>
    public void AnswerFlushes(Request request)
    {
        foreach (var tag in request.Flushes ?? [])
        {
            _flushedBy.Remove(tag);
            if (request.Cancelled != CancelReason.Aborted)
                sender.Append(tag, default(Rflush));
        }
    }

    /// <summary>Handles a Tflush: answers it now, or lets it wait for the request and cancels that.</summary>
    public void Flush(ushort tag, ushort oldTag)
    {
        Request? request;
        lock (sender.Gate)
        {
            if (!_byTag.TryGetValue(oldTag, out request) && !_flushedBy.TryGetValue(oldTag, out request))
            {
                sender.Append(tag, default(Rflush));
                return;
            }

            (request.Flushes ??= []).Add(tag);
            _flushedBy.Add(tag, request);
        }

        request.Cancel(CancelReason.Flushed);
    }

    /// <summary>Counts a buffer that a waiting request will hold: as much of <paramref name="wanted"/> as the limit leaves, 4 KiB at least.</summary>
    public int Budget(Request request, int wanted)
    {
        lock (sender.Gate)
        {
            var granted = Math.Min(wanted, Math.Max(4096, (limits.WaitingBytes - _waitingBytes) / 4));
            request.WaitingBytes += granted;
            _waitingBytes += granted;
            return granted;
        }
    }

    /// <summary>Cancels the requests on a fid that is being clunked.</summary>
    public void CancelUsers(Fid fid, Request except) =>
        CancelAll(CancelReason.Clunked, request => request != except && (request.Fid == fid || request.OtherFid == fid));

    /// <summary>Cancels all requests and waits until the last has ended. The receive loop calls it, and registers nothing meanwhile.</summary>
    public async ValueTask AbortAsync()
    {
        Task idle;
        lock (sender.Gate)
        {
            if (_running.Count == 0)
                return;
            _idle = new(TaskCreationOptions.RunContinuationsAsynchronously);
            idle = _idle.Task;
        }

        CancelAll(CancelReason.Aborted, _ => true);
        await idle;
    }

    private void CancelAll(CancelReason reason, Func<Request, bool> which)
    {
        Request[] chosen;
        lock (sender.Gate)
            chosen = [.. _running.Where(which)];
        foreach (var request in chosen)
            request.Cancel(reason);
    }
}
