using Pewter.Hosting;
using Pewter.Store;
using Pewter.Tree;

namespace Pewter.Networks.Ports;

/// <summary>
/// Connects and disconnects cards. Each is an action: accepted at once and durably, one pending a card, first in first out at each switch and in
/// parallel over switches. What is applied changes only when the switch has done it; an action ends as done or as error, also after a restart.
/// </summary>
internal sealed class PortTable : IAsyncDisposable
{
    private readonly NetworkTable _table;
    private readonly ServiceContext _context;
    private readonly Lock _lock = new();
    private readonly HashSet<Task> _tasks = [];

    public PortTable(NetworkTable table, ServiceContext context, NetworkCounters counters)
    {
        (_table, _context) = (table, context);
        Actions = new(ActionDeclaration.For(table), context.Time);
        Actions.Continue(counters.LastAction);
    }

    /// <summary>The collection <c>/net/action</c>.</summary>
    public Collection<PortAction> Actions { get; }

    /// <summary>Accepts a connection; it is durable when this returns.</summary>
    public async Task<PortAction> ConnectAsync(Network network, ConnectRequest request)
    {
        var action = _table.Book.Reserve(network, request, _table.Place.Machine, port => Describe(ActionRecord.Connect, network, port));
        await AcceptAsync(action);
        return action;
    }

    /// <summary>Accepts a disconnection; null when there is nothing to disconnect.</summary>
    /// <param name="network">The network.</param>
    /// <param name="key">The card: <c>n12.eth0</c>.</param>
    /// <param name="isForced">Whether it is done even where the switch does not answer; the switch is put right when it does.</param>
    public async Task<PortAction?> DisconnectAsync(Network network, string key, bool isForced)
    {
        var action = _table.Book.Reserve(network, key, port => Describe(ActionRecord.Disconnect, network, port) with { IsForced = isForced });
        if (action is not null)
        {
            await AcceptAsync(action);
        }

        return action;
    }

    /// <summary>Waits for an action's end; false when it takes longer than people wait.</summary>
    public async Task<bool> WaitAsync(PortAction action, CancellationToken cancellation)
    {
        try
        {
            await action.Ended.Task.WaitAsync(_table.Limits.ActionPatience, _context.Time, cancellation);
            return true;
        }
        catch (TimeoutException)
        {
            return false;
        }
    }

    /// <summary>Puts back the actions of an earlier life.</summary>
    public void Restore(IEnumerable<ActionRecord> records)
    {
        foreach (var record in records)
        {
            var action = new PortAction(record);
            Actions.Add(record.Number, action);
            if (record.State == ActionRecord.Pending)
            {
                _table.Book.Restore(action);
            }
            else
            {
                action.Ended.TrySetResult();
            }
        }
    }

    /// <summary>Goes on with the actions that had not ended when the daemon did.</summary>
    public void Resume()
    {
        foreach (var action in Actions.All().Select(target => target.Item).Where(action => action.Record.State == ActionRecord.Pending))
        {
            Enqueue(action);
        }
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        Task[] tasks;
        lock (_lock)
        {
            tasks = [.. _tasks];
        }

        await Task.WhenAll(tasks);
        await Actions.DisposeAsync();
    }

    private ActionRecord Describe(string type, Network network, PortRecord port) => new()
    {
        Number = Actions.Next(NineP.Serving.Caller.System).Number,
        Owner = network.Record.Owner,
        Type = type,
        Network = network.Number,
        Port = port,
        Created = _context.Time.GetUtcNow(),
    };

    private async Task AcceptAsync(PortAction action)
    {
        try
        {
            await _table.Journal.CommitAsync(NetworkJournal.Put(new CommitBatch(), action.Record), _table.Stopping);
        }
        catch
        {
            _table.Book.End(action, isDone: false);
            throw;
        }

        Actions.Add(action.Record.Number, action);
        _table.Collection.Changed(action.Record.Network);
        Enqueue(action);
    }

    private void Enqueue(PortAction action)
    {
        var network = _table.Book.Find(action.Record.Network)!;
        var task = _table.Work(network).RunAsync(() => RunAsync(action, network));
        lock (_lock)
        {
            _tasks.RemoveWhere(other => other.IsCompleted);
            _tasks.Add(task);
        }
    }

    private async Task RunAsync(PortAction action, Network network)
    {
        string? failed = null;
        try
        {
            await ApplyAsync(action.Record, network.Record);
        }
        catch (Exception failure) when (ServiceFailure.IsExpected(failure))
        {
            failed = action.Record.IsForced ? null : failure.Message;
            _context.Log.Warn("an action failed", ("action", action.Record.Id), ("nic", action.Record.Port.Key), ("error", failure.Message));
        }
        catch (OperationCanceledException) when (_table.Stopping.IsCancellationRequested)
        {
            // Still pending: the next life of the daemon goes on with it.
            return;
        }

        await EndAsync(action, network, failed);
    }

    private async Task ApplyAsync(ActionRecord record, NetworkRecord network)
    {
        var wiring = _table.Wiring(network);
        if (record.Port.Channels.Count == 0)
        {
            await wiring.UnplugAsync(record.Port, network, _table.Stopping);
        }
        else
        {
            await wiring.PlugAsync(record.Port, _table.Networks(record.Port), _table.Stopping);
        }
    }

    private async Task EndAsync(PortAction action, Network network, string? failed)
    {
        var ended = action.Record with
        {
            State = failed is null ? ActionRecord.Done : ActionRecord.Error, Failure = failed, Ended = _context.Time.GetUtcNow(),
        };
        try
        {
            var batch = NetworkJournal.Put(new CommitBatch(), ended);
            if (failed is null)
            {
                NetworkJournal.Put(batch, ended.Port);
            }

            await _table.Journal.CommitAsync(batch, CancellationToken.None);
        }
        catch (StoreException failure)
        {
            ended = ended with { State = ActionRecord.Error, Failure = $"what became of it could not be written down: {failure.Message}" };
        }

        _table.Book.End(action, ended.State == ActionRecord.Done);
        action.Record = ended;
        await ServeAsync(network);
        Actions.Changed(ended.Number);
        _table.Collection.Changed(network.Number);
        action.Ended.TrySetResult();
        await PruneAsync();
    }

    private async Task ServeAsync(Network network)
    {
        try
        {
            await _table.ServeAsync(network);
        }
        catch (Exception failure) when (ServiceFailure.IsExpected(failure) || failure is OperationCanceledException)
        {
            // The watch tries again, and the network's state says so.
            _context.Log.Warn("a segment could not be served", ("net", network.Id), ("error", failure.Message));
        }
    }

    private async Task PruneAsync()
    {
        if (Actions.Count <= _table.Limits.ActionsKept)
        {
            return;
        }

        var oldest = Actions.All().Select(target => target.Item).FirstOrDefault(action => action.Record.State != ActionRecord.Pending);
        if (oldest is not null && Actions.Remove(oldest.Record.Number))
        {
            try
            {
                await _table.Journal.CommitAsync(NetworkJournal.Delete(new CommitBatch(), oldest.Record), CancellationToken.None);
            }
            catch (StoreException)
            {
                // It is found again at the next start, and pruned then.
            }
        }
    }
}
