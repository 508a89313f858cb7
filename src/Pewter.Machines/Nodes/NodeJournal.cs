using System.Text.Json;
using Pewter.Hosting.Events;
using Pewter.Hosting.Ledger;
using Pewter.Store;

namespace Pewter.Machines.Nodes;

/// <summary>
/// What is durable about nodes: their records, the counters, the ledger's lines and the events of the whole system, each change in one commit.
/// Commits are queued in the order of the counters in them, so that these never go back.
/// </summary>
internal sealed class NodeJournal
{
    private const int EIO = 5;
    private const string Topic = "system";
    private const string RecordKind = "machines-node";
    private const string CounterKind = "machines-counter";
    private const string CounterId = "node";

    private readonly StateStore _store;
    private readonly Func<NodeCounters> _counters;
    private readonly Lock _order = new();

    public NodeJournal(StateStore store, Func<NodeCounters> counters) => (_store, _counters) = (store, counters);

    /// <summary>All that is stored.</summary>
    public static async ValueTask<(NodeCounters Counters, IReadOnlyList<NodeRecord> Records)> LoadAsync(
        StateStore store, CancellationToken cancellation)
    {
        var stored = await store.ReadAsync(CounterKind, CounterId, cancellation);
        var counters = stored is null ? new NodeCounters(0, 0) : Read(stored, NodeRecordJson.Default.NodeCounters);
        var records = new List<NodeRecord>();
        await foreach (var entity in store.ReadAllAsync(RecordKind, cancellation))
        {
            records.Add(Read(entity, NodeRecordJson.Default.NodeRecord));
        }

        return (counters, [.. records.OrderBy(record => record.Number)]);
    }

    /// <summary>Commits new states of nodes: their records, what they are about to make, and an event for each whose state is another.</summary>
    public Task WriteAsync(IReadOnlyList<(NodeRecord Record, NodeRecord? Was)> changes, CancellationToken cancellation)
    {
        var batch = new CommitBatch();
        foreach (var (record, was) in changes)
        {
            batch.Put(RecordKind, record.Id, JsonSerializer.SerializeToUtf8Bytes(record, NodeRecordJson.Default.NodeRecord));
            ResourceLedger.Record(batch, record.Resources.Except(was?.Resources ?? []));
            if (record.State != was?.State)
            {
                AppendEvent(batch, record);
            }
        }

        return CommitAsync(batch, cancellation);
    }

    /// <summary>Commits the end of a node and of all that it had in the kernel.</summary>
    public Task DeleteAsync(NodeRecord last, CancellationToken cancellation)
    {
        var batch = new CommitBatch().Delete(RecordKind, last.Id);
        ResourceLedger.Forget(batch, last.Resources);
        AppendEvent(batch, last);
        return CommitAsync(batch, cancellation);
    }

    /// <summary>Commits that what a node had in the kernel is gone while the node itself stays.</summary>
    public Task StripAsync(NodeRecord record, NodeRecord was, CancellationToken cancellation)
    {
        var batch = new CommitBatch().Put(RecordKind, record.Id, JsonSerializer.SerializeToUtf8Bytes(record, NodeRecordJson.Default.NodeRecord));
        ResourceLedger.Forget(batch, was.Resources);
        AppendEvent(batch, record);
        return CommitAsync(batch, cancellation);
    }

    private static void AppendEvent(CommitBatch batch, NodeRecord record) => batch.Append(Topic, EventBody.Write(
        $"node.{record.State}",
        $"/node/{record.Id}",
        record.Owner,
        json =>
        {
            json.WriteString("kind", record.Spec.Kind);
            if (record.Cause is not null)
            {
                json.WriteString("cause", record.Cause);
            }
        }));

    private async Task CommitAsync(CommitBatch batch, CancellationToken cancellation)
    {
        ValueTask<CommitResult> commit;
        lock (_order)
        {
            batch.Put(CounterKind, CounterId, JsonSerializer.SerializeToUtf8Bytes(_counters(), NodeRecordJson.Default.NodeCounters));
            commit = _store.CommitAsync(batch, cancellation);
        }

        var result = await commit;
        if (!result.Committed)
        {
            throw new InvalidOperationException($"Something writes nodes beside the node service: {result.Conflict}");
        }
    }

    private static T Read<T>(StoredEntity stored, System.Text.Json.Serialization.Metadata.JsonTypeInfo<T> json)
    {
        try
        {
            return JsonSerializer.Deserialize(stored.Body.Span, json) ?? throw new JsonException("It is null.");
        }
        catch (JsonException failure)
        {
            throw new StoreException(
                EIO, $"The stored {stored.Key} cannot be read: {failure.Message} Run the version that wrote it.", inner: failure);
        }
    }
}
