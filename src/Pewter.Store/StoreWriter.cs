using System.Threading.Channels;

namespace Pewter.Store;

/// <summary>
/// The one that writes: a thread that takes whatever batches wait, commits them as one group, and answers them when the group is
/// durable. While a group is on its way to the disk the next one gathers, so the more callers there are the larger the groups.
/// </summary>
/// <remarks>
/// It owns the head and the write connection. A thread and not a task, because SQLite blocks in fdatasync for milliseconds and would
/// starve the pool of a small machine. States: stands by → <see cref="TryLead"/> → leads → (deposed, cut
/// off, broken disk) → stands by.
/// </remarks>
internal sealed class StoreWriter : IDisposable
{
    private const int DropSlice = 5_000;

    private readonly StoreBackend _backend;
    private readonly StoreLimits _limits;
    private readonly TimeProvider _time;
    private readonly Channel<StoreRequest> _queue;
    private readonly Thread _thread;
    private readonly TaskCompletionSource _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly List<CommitRequest> _group = [];
    private StoreException _notLeading = Failures.StandsBy();
    private StoreHead _head;
    private CancellationTokenSource? _lost;
    private Leadership? _leadership;

    public StoreWriter(StoreBackend backend, StoreLimits limits, TimeProvider time)
    {
        (_backend, _limits, _time) = (backend, limits, time);
        _queue = Channel.CreateBounded<StoreRequest>(
            new BoundedChannelOptions(limits.QueueLength) { SingleReader = true, FullMode = BoundedChannelFullMode.Wait });
        _thread = new Thread(Run) { IsBackground = true, Name = "pewter-store" };
        _thread.Start();
    }

    /// <summary>Completes when events were committed after the property was read, or the writer ended.</summary>
    public EventSignal Appended { get; } = new();

    /// <summary>Queues a request, waiting while the queue is full.</summary>
    public async ValueTask QueueAsync(StoreRequest request, CancellationToken cancellation)
    {
        if (_queue.Writer.TryWrite(request))
            return;
        try
        {
            await _queue.Writer.WriteAsync(request, cancellation);
        }
        catch (ChannelClosedException)
        {
            throw Failures.Closed();
        }
    }

    /// <summary>Runs on the writer's thread between groups.</summary>
    public async ValueTask<T> ControlAsync<T>(Func<T> action, CancellationToken cancellation)
    {
        var request = new ControlRequest<T>(action);
        await QueueAsync(request, cancellation);
        return await request.Task;
    }

    /// <summary>Asks for a <see cref="CheckLead"/>, unless so much is queued that commits will tell anyway.</summary>
    public void TryQueueLeadCheck() => _queue.Writer.TryWrite(new ControlRequest<bool>(CheckLead));

    /// <summary>Answers what is queued, then ends; the backend may be closed afterwards.</summary>
    public Task StopAsync()
    {
        _queue.Writer.TryComplete();
        return _ended.Task;
    }

    /// <summary>On the writer's thread: becomes the leader if that is possible now.</summary>
    public Leadership? TryLead()
    {
        if (_leadership is not null)
            return _leadership;
        if (_backend.TryLead() is not { } head)
            return null;
        _head = head;
        _lost = new CancellationTokenSource();
        return _leadership = new Leadership(head.Term, _lost.Token);
    }

    /// <summary>
    /// On the writer's thread: finds out whether this one still leads, so that a leader without work learns of its fall.
    /// </summary>
    public bool CheckLead()
    {
        if (_leadership is null)
            return false;
        try
        {
            _backend.CheckLead(_head);
            return true;
        }
        catch (StoreException failure)
        {
            LoseLead(failure);
            return false;
        }
    }

    /// <summary>On the writer's thread: drops events before <paramref name="floor"/>; gives the floor that holds afterwards.</summary>
    public long DropEvents(long floor)
    {
        if (_leadership is null)
            throw _notLeading;
        floor = Math.Min(floor, _head.EventSequence + 1);
        while (_head.EventFloor < floor)
            DropSliceTo(floor);
        return _head.EventFloor;
    }

    public void Dispose() => _lost?.Dispose();

    private void Run()
    {
        while (_queue.Reader.WaitToReadAsync().AsTask().GetAwaiter().GetResult())
            while (_queue.Reader.TryPeek(out _))
                Turn();
        _lost?.Cancel();
        Appended.End();
        _ended.SetResult();
    }

    /// <summary>One group, then at most one control request.</summary>
    private void Turn()
    {
        _group.Clear();
        long bytes = 0;
        StoreRequest? control = null;
        while (_group.Count < _limits.GroupBatches && bytes < _limits.GroupBytes && _queue.Reader.TryRead(out var request))
        {
            if (request is not CommitRequest commit)
            {
                control = request;
                break;
            }
            if (!commit.TryTake())
                continue;
            _group.Add(commit);
            bytes += commit.Batch.Bytes;
        }
        if (_group.Count > 0)
            CommitGroup();
        (control as IControlRequest)?.Run();
    }

    private void CommitGroup()
    {
        if (_leadership is null)
        {
            FailGroup(_notLeading);
            return;
        }
        try
        {
            var plan = new GroupPlan(_head, _time.GetUtcNow(), ReadVersions());
            var results = new CommitResult[_group.Count];
            for (var i = 0; i < results.Length; i++)
                results[i] = plan.Add(_group[i].Batch);
            if (!plan.IsEmpty)
            {
                _backend.Apply(plan);
                _head = plan.Head;
            }
            Answer(results);
            if (plan.Events.Count > 0)
                EventsAppended();
        }
        catch (StoreException failure)
        {
            if (EndsLead(failure))
                LoseLead(failure);
            FailGroup(failure);
        }
    }

    /// <summary>Publishes each batch before its caller knows, in the order of the revisions.</summary>
    private void Answer(CommitResult[] results)
    {
        for (var i = 0; i < results.Length; i++)
        {
            if (results[i].Committed)
                _group[i].Batch.Published(results[i].Revision);
            _group[i].Complete(results[i]);
        }
    }

    private Dictionary<EntityKey, long> ReadVersions()
    {
        var keys = new HashSet<EntityKey>();
        foreach (var request in _group)
            GroupPlan.AddGuarded(request.Batch, keys);
        return keys.Count == 0 ? [] : _backend.ReadVersions(keys);
    }

    private void EventsAppended()
    {
        Appended.Raise();
        var slice = Math.Clamp(_limits.EventsKept / 10, 1, DropSlice);
        if (_head.EventSequence - _head.EventFloor + 1 >= _limits.EventsKept + slice)
            DropSliceTo(_head.EventSequence - _limits.EventsKept + 1);
    }

    private void DropSliceTo(long floor)
    {
        var head = _head with { EventFloor = Math.Min(floor, _head.EventFloor + DropSlice) };
        _backend.DropEvents(head);
        _head = head;
    }

    /// <summary>A full disk passes; whatever leaves doubt about what is on the disk, or about who leads, does not.</summary>
    private static bool EndsLead(StoreException failure) =>
        failure.OutcomeUnknown || failure.Errno is StoreErrno.EIO or StoreErrno.ESTALE or StoreErrno.ECONNRESET;

    private void LoseLead(StoreException failure)
    {
        _leadership = null;
        _backend.Resign();
        _notLeading = Failures.LostLead(failure);
        _lost?.Cancel();
        _lost = null;
    }

    private void FailGroup(StoreException failure)
    {
        foreach (var request in _group)
            request.Fail(failure);
    }
}
