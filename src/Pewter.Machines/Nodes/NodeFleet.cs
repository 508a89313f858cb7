using Pewter.Hosting;
using Pewter.Machines.Nodes.Splices;
using Pewter.NineP;
using Pewter.Tree;

namespace Pewter.Machines.Nodes;

/// <summary>
/// All nodes of this machine: who may have one, their allocation all or nothing, their release, and how they are found
/// again after a restart. Owns the collection <c>/node</c> and every task that works on a node.
/// </summary>
/// <remarks>
/// Safe to use from any thread. One lock guards the list, so that admission is exact; what happens to a node happens in
/// the node's own queue. Disposing it lets go of the nodes, which live on.
/// </remarks>
internal sealed class NodeFleet : IAsyncDisposable
{
    private const string Interrupted = "the daemon ended in the middle of its allocation";

    private readonly Lock _lock = new();
    private readonly Dictionary<long, Node> _nodes = [];
    private readonly HashSet<Task> _tasks = [];
    private readonly CancellationTokenSource _stop = new();
    private readonly Dictionary<string, INodeKind> _kinds;
    private readonly Dictionary<string, SemaphoreSlim> _gates;
    private readonly NodeJournal _journal;
    private readonly NodeLife _life;
    private readonly TimeProvider _time;
    private readonly string _cloneKind;

    public NodeFleet(ServiceContext context, IReadOnlyList<INodeKind> kinds, NodeServiceOptions options, NodeCounters counters)
    {
        (_time, Limits, _cloneKind) = (context.Time, options.Limits, options.CloneKind);
        _kinds = kinds.ToDictionary(kind => kind.Name, StringComparer.Ordinal);
        _gates = kinds.ToDictionary(kind => kind.Name, kind => new SemaphoreSlim(kind.Parallel), StringComparer.Ordinal);
        var events = new EventLog(_time, EventLog.DefaultCapacity, counters.LastEvent == 0 ? 0 : counters.LastEvent + Limits.EventSlack);
        Collection = new(NodeDeclaration.For(this), _time, NodeCommands.OfCollection(this, kinds), events);
        Collection.Continue(counters.LastNode);
        _journal = new NodeJournal(context.Store, () => new NodeCounters(Collection.LastNumber, events.Last));
        _life = new NodeLife(_journal, Changed, _time);
        (Power, Copies, Spares) = (new NodePower(this, _life), new NodeCopies(this, kinds), new NodeSpares(this));
        Splices = new NodeSplices(name => Collection.Find(name)?.Item, _time);
    }

    public Collection<Node> Collection { get; }

    public NodeLimits Limits { get; }

    public NodePower Power { get; }

    public NodeCopies Copies { get; }

    public NodeSpares Spares { get; }

    public NodeSplices Splices { get; }

    public CancellationToken Stopping => _stop.Token;

    /// <summary>All nodes, in the order of their numbers.</summary>
    public IReadOnlyList<Node> Nodes
    {
        get
        {
            lock (_lock)
            {
                return [.. _nodes.Values.OrderBy(node => node.Number)];
            }
        }
    }

    public DateTimeOffset Now => _time.GetUtcNow();

    /// <summary>Puts back a node of an earlier life, without doing anything about it yet.</summary>
    public Node Restore(NodeRecord record)
    {
        var kind = _kinds.GetValueOrDefault(record.Spec.Kind) ?? new UnknownKind(record.Spec.Kind);
        var node = new Node(record, kind, _time);
        lock (_lock)
        {
            _nodes.Add(node.Number, node);
        }

        Collection.Add(node.Number, node, record.Name, record.IsPersistent);
        return node;
    }

    /// <summary>
    /// Makes nodes: all that were asked for, or none. Returns when they are ready, or durably accepted where their kind
    /// answers early.
    /// </summary>
    public async ValueTask<IReadOnlyList<Node>> AllocateAsync(NodeRequest request, CancellationToken cancellation)
    {
        request = request with { Spec = await CheckAsync(request, cancellation) };
        var nodes = Admit(request, () => Collection.Next(request.Caller), show: true);
        await BeginAsync(nodes, cancellation);
        if (nodes[0].Kind.AnswersEarly(nodes[0].Record.Spec))
        {
            Track(SettleAsync(AllOrNothingAsync(nodes, CancellationToken.None)));
            return nodes;
        }

        await AllOrNothingAsync(nodes, cancellation);
        return nodes;
    }

    /// <summary>
    /// Makes the node of this machine itself. When its agent cannot be started the node is lost, with the cause, and
    /// tried again: the daemon does without.
    /// </summary>
    public async ValueTask AllocateHostAsync(NodeRequest request, CancellationToken cancellation)
    {
        var nodes = Admit(request, () => Collection.Next(request.Caller), show: true);
        await BeginAsync(nodes, cancellation);
        await SettleAsync(StartAsync(nodes[0], _stop.Token));
    }

    /// <summary>Makes the node of an open of <c>clone</c>, which the collection shows when it is ready.</summary>
    public async ValueTask<Node> CloneAsync(NewObject wish, CancellationToken cancellation)
    {
        var kind = Kind(_cloneKind);
        var request = new NodeRequest { Spec = new NodeSpec { Kind = kind.Name }, Caller = wish.Caller, IsPersistent = false };
        request = request with { Spec = await CheckAsync(request, cancellation) };
        var nodes = Admit(request, () => wish, show: false);
        await BeginAsync(nodes, cancellation);
        await AllOrNothingAsync(nodes, cancellation);
        return nodes[0];
    }

    /// <summary>
    /// Makes nodes that begin where another is or was: all that were asked for, or none. Returns when they are ready.
    /// </summary>
    public async ValueTask<IReadOnlyList<Node>> AllocateFromAsync(NodeRequest request, object origin, CancellationToken cancellation)
    {
        var nodes = Admit(request, () => Collection.Next(request.Caller), show: true, origin);
        await BeginAsync(nodes, cancellation);
        await AllOrNothingAsync(nodes, cancellation);
        return nodes;
    }

    /// <summary>Releases a node and returns when nothing of it is left.</summary>
    public async ValueTask ReleaseAsync(Node node, string cause, CancellationToken cancellation)
    {
        await node.AllocationEnd.CancelAsync();
        FileException? failure = null;
        await Tracked(node.Work.RunAsync(async () => failure = await UndoAsync(node, cause))).WaitAsync(cancellation);
        if (failure is not null)
        {
            throw failure;
        }
    }

    /// <summary>Changes what is durable about a node; it is when this returns.</summary>
    public async ValueTask ChangeAsync(Node node, Func<NodeRecord, NodeRecord> change, CancellationToken cancellation)
    {
        try
        {
            await Tracked(node.Work.RunAsync(() => ChangeCoreAsync(node, change)));
        }
        catch (Exception failure) when (NodeFailure.IsExpected(failure) && failure is not FileException)
        {
            throw NodeFailure.From(failure, node.Id);
        }
    }

    internal Task ChangeCoreAsync(Node node, Func<NodeRecord, NodeRecord> change) =>
        node.Record.State is NodeStates.Released or NodeStates.Releasing
            ? throw new FileException(Errno.ENOENT, $"{node.Id} is being released.")
            : _life.ChangeAsync(node, change, _stop.Token);

    /// <summary>Binds a name to a node; also over a restart.</summary>
    public async ValueTask RenameAsync(Node node, string? name, CancellationToken cancellation)
    {
        var was = node.Record.Name;
        Collection.Rename(node.Number, name);
        try
        {
            await ChangeAsync(node, record => record with { Name = name }, cancellation);
        }
        catch
        {
            Collection.Rename(node.Number, was);
            throw;
        }
    }

    /// <summary>Finds out what became of a node while the daemon was away, and goes on from there.</summary>
    public Task RecoverAsync(Node node) => Tracked(node.Work.RunAsync(() => RecoverCoreAsync(node)));

    /// <summary>Says that a node has ended without having been asked to.</summary>
    public Task LoseAsync(Node node) => Tracked(node.Work.RunAsync(async () =>
    {
        if (NodeStates.IsLive(node.Record.State) && !node.Kind.IsAlive(node.Record))
        {
            await _life.LoseAsync(node, node.Kind.CauseOfEnd(node.Record), _stop.Token);
            await AgainAsync(node);
        }
    }));

    /// <summary>Begins a lost node again, if its kind does that.</summary>
    public Task RestartAsync(Node node) => Tracked(node.Work.RunAsync(() => AgainAsync(node)));

    /// <summary>How old the facts about a node are; null when there are none.</summary>
    public TimeSpan? FactsAge(Node node) => node.Facts.SeenAt is { } at ? _time.GetElapsedTime(at) : null;

    /// <summary>Looks at a node; what cannot be seen now is looked for later.</summary>
    public async ValueTask DescribeAsync(Node node)
    {
        try
        {
            var was = node.Facts;
            node.Facts = await node.Kind.DescribeAsync(node, _stop.Token) with { SeenAt = _time.GetTimestamp() };
            if ((was.Os, was.Architecture) != (node.Facts.Os, node.Facts.Architecture))
            {
                Changed(node);
            }
        }
        catch (Exception failure) when (NodeFailure.IsExpected(failure))
        {
            node.Facts = node.Facts with { SeenAt = _time.GetTimestamp() };
        }
    }

    /// <summary>Does something that nobody waits for; its failure stands in the node's log and state.</summary>
    public void Try(Func<ValueTask> act) => Track(SettleAsync(act().AsTask()));

    /// <summary>The kind of this name.</summary>
    /// <exception cref="FileException">EINVAL: there is none.</exception>
    public INodeKind Kind(string name) => _kinds.GetValueOrDefault(name) ?? throw new FileException(
        Errno.EINVAL, $"There is no kind '{name}', only {string.Join(", ", _kinds.Keys)}{Suggestion.For(name, _kinds.Keys)}");

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await Collection.DisposeAsync();
        Task[] tasks;
        lock (_lock)
        {
            tasks = [.. _tasks];
        }

        await Task.WhenAll(tasks.Select(SettleAsync));
        await Splices.DisposeAsync();
        foreach (var node in Nodes)
        {
            await node.Agent.DisposeAsync();
        }

        _stop.Dispose();
    }

    /// <summary>A task that is awaited before the fleet is gone, whoever else waits for it.</summary>
    internal Task Tracked(Task task)
    {
        lock (_lock)
        {
            _tasks.RemoveWhere(other => other.IsCompleted);
            _tasks.Add(task);
        }

        return task;
    }

    private void Track(Task task) => _ = Tracked(task);

    /// <summary>Refuses a wish that is too large before anything is done for it.</summary>
    public void DemandRoom(NodeRequest request) =>
        NodeQuota.Demand(Limits, Nodes.Select(node => node.Record), request.Spec, request.Count, request.Caller);

    private ValueTask<NodeSpec> CheckAsync(NodeRequest request, CancellationToken cancellation)
    {
        var kind = Kind(request.Spec.Kind);
        return kind.ResolveAsync(kind.Check(request.Spec, request.Caller), request.Caller, cancellation);
    }

    private List<Node> Admit(NodeRequest request, Func<NewObject> next, bool show, object? origin = null)
    {
        var (kind, spec, now) = (Kind(request.Spec.Kind), request.Spec, _time.GetUtcNow());
        var nodes = new List<Node>();
        lock (_lock)
        {
            NodeQuota.Demand(Limits, _nodes.Values.Select(node => node.Record), spec, request.Count, request.Caller);
            try
            {
                for (var i = 0; i < request.Count; i++)
                {
                    var (number, _, owner, _) = next();
                    var record = new NodeRecord
                    {
                        Number = number, Owner = owner, Spec = spec, Created = now, Name = request.NameOf(i), Labels = request.Labels,
                        LeaseEnd = now + request.Lease, IsPersistent = request.IsPersistent,
                        IsAccepted = kind.AnswersEarly(spec) && origin is null,
                    };
                    var first = kind.Steps.TakeWhile(step => !step.Applies(record)).Count();
                    record = record with
                    {
                        Step = first, Phase = kind.Steps[first].Phase, Resources = [.. kind.Steps[first].Makes(record)],
                    };
                    var node = new Node(record, kind, _time) { Origin = origin };
                    if (show)
                    {
                        Collection.Add(number, node, record.Name);
                    }

                    _nodes.Add(number, node);
                    nodes.Add(node);
                }
            }
            catch (FileException)
            {
                nodes.ForEach(Forget);
                throw;
            }
        }

        return nodes;
    }

    /// <summary>Makes the wish durable, for all nodes in one commit.</summary>
    private async Task BeginAsync(List<Node> nodes, CancellationToken cancellation)
    {
        try
        {
            await _journal.WriteAsync([.. nodes.Select(node => (node.Record, (NodeRecord?)null))], cancellation);
        }
        catch (Exception failure) when (NodeFailure.IsExpected(failure) || failure is OperationCanceledException)
        {
            nodes.ForEach(Forget);
            if (failure is OperationCanceledException)
            {
                throw;
            }

            throw NodeFailure.From(failure, "No node was allocated");
        }
    }

    private async Task AllOrNothingAsync(List<Node> nodes, CancellationToken cancellation)
    {
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellation, _stop.Token);
        var starts = nodes.ConvertAll(node => StartOrCancelAsync(node, either));
        try
        {
            await Task.WhenAll(starts);
        }
        catch (Exception failure) when (NodeFailure.IsExpected(failure) || failure is OperationCanceledException)
        {
            // Those that were ready before the failure are undone too; the others have undone themselves.
            await Task.WhenAll(nodes.Select(node => SettleAsync(Tracked(node.Work.RunAsync(() => UndoAsync(node, "another of its group failed"))))));
            cancellation.ThrowIfCancellationRequested();
            throw starts.Select(start => start.Exception?.InnerException).OfType<FileException>().FirstOrDefault() ?? failure;
        }
    }

    private async Task StartOrCancelAsync(Node node, CancellationTokenSource group)
    {
        try
        {
            await StartAsync(node, group.Token);
        }
        catch
        {
            await group.CancelAsync();
            throw;
        }
    }

    private Task StartAsync(Node node, CancellationToken cancellation) => Tracked(node.Work.RunAsync(async () =>
    {
        var gate = _gates[node.Kind.Name];
        using var end = CancellationTokenSource.CreateLinkedTokenSource(cancellation, node.AllocationEnd.Token);
        var admitted = false;
        try
        {
            admitted = await gate.WaitAsync(Timeout.InfiniteTimeSpan, end.Token).ContinueWith(
                static wait => wait.IsCompletedSuccessfully, TaskScheduler.Default);
            await _life.AllocateAsync(node, end.Token, _stop.Token);
            await DescribeAsync(node);
        }
        finally
        {
            if (admitted)
            {
                gate.Release();
            }

            ForgetIfReleased(node);
        }
    }));

    private async Task<FileException?> UndoAsync(Node node, string cause)
    {
        var failure = await _life.UndoAsync(node, cause, _stop.Token);
        ForgetIfReleased(node);
        return failure;
    }

    private async Task RecoverCoreAsync(Node node)
    {
        switch (node.Record.State)
        {
            case NodeStates.Ready or NodeStates.Suspended when await node.Kind.AdoptAsync(new NodeWork(node), _stop.Token):
                node.Log.Add("adopted");
                break;
            case NodeStates.Ready or NodeStates.Suspended:
                await _life.LoseAsync(node, "it had ended when the daemon came back", _stop.Token);
                await AgainAsync(node);
                break;
            case NodeStates.Off:
                break;
            case NodeStates.Lost:
                await AgainAsync(node);
                break;
            case NodeStates.Allocating when node.Kind.RestartsLost:
                await _life.LoseAsync(node, Interrupted, _stop.Token);
                await AgainAsync(node);
                break;
            case NodeStates.Allocating when node.Record.IsAccepted || node.Record.WasReady:
                await _life.LoseAsync(node, Interrupted, _stop.Token, NodeStates.Allocating);

                // It may take long, and may need what other services serve when the daemon is up.
                Track(SettleAsync(node.Work.RunAsync(() => GoOnAsync(node))));
                break;
            default:
                await UndoAsync(node, node.Record.Cause ?? Interrupted);
                break;
        }
    }

    private async Task AgainAsync(Node node)
    {
        if (node.Record.State == NodeStates.Lost && node.Kind.RestartsLost)
        {
            await SettleAsync(_life.BeginAgainAsync(node, _stop.Token));
            ForgetIfReleased(node);
        }
    }

    private async Task GoOnAsync(Node node)
    {
        if (node.Record.State == NodeStates.Allocating)
        {
            await SettleAsync(_life.BeginAgainAsync(node, _stop.Token));
            await DescribeAsync(node);
            ForgetIfReleased(node);
        }
    }

    private void ForgetIfReleased(Node node)
    {
        if (node.Record.State == NodeStates.Released)
        {
            Forget(node);
        }
    }

    private void Forget(Node node)
    {
        lock (_lock)
        {
            _nodes.Remove(node.Number);
        }

        Collection.Remove(node.Number);
    }

    private void Changed(Node node) => Collection.Changed(node.Number);

    /// <summary>
    /// Waits for a task whose failure is told elsewhere: in the node's log and state, or by another await.
    /// </summary>
    private static async Task SettleAsync(Task task)
    {
        try
        {
            await task;
        }
        catch (Exception failure) when (NodeFailure.IsExpected(failure) || failure is OperationCanceledException)
        {
            // See above.
        }
    }
}
