using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Pewter.Hosting.Events;
using Pewter.Networks.Ports;
using Pewter.Networks.Switches;
using Pewter.Store;

namespace Pewter.Networks;

/// <summary>
/// What is durable about networks: their records, ports, actions and switches, with the counters in every commit. Commits are queued in the order
/// of the counters in them, so that these never go back.
/// </summary>
internal sealed class NetworkJournal(StateStore store, Func<NetworkCounters> counters)
{
    private const int BadRecord = 5;
    private const string Topic = "system";
    private const string NetworkKind = "network-network";
    private const string PortKind = "network-port";
    private const string ActionKind = "network-action";
    private const string SwitchKind = "network-switch";
    private const string CounterKind = "network-counter";
    private const string CounterId = "all";

    private readonly Lock _order = new();

    /// <summary>All that is stored.</summary>
    public static async ValueTask<NetworkState> LoadAsync(StateStore store, CancellationToken cancellation)
    {
        var stored = await store.ReadAsync(CounterKind, CounterId, cancellation);
        return new NetworkState(
            stored is null ? new NetworkCounters(0, 0, 0, 0, 0) : Read(stored, NetworkJson.Default.NetworkCounters),
            [.. (await AllAsync(store, SwitchKind, NetworkJson.Default.SwitchRecord, cancellation)).OrderBy(record => record.Number)],
            [.. (await AllAsync(store, NetworkKind, NetworkJson.Default.NetworkRecord, cancellation)).OrderBy(record => record.Number)],
            [.. (await AllAsync(store, PortKind, NetworkJson.Default.PortRecord, cancellation)).OrderBy(record => record.Number)],
            [.. (await AllAsync(store, ActionKind, NetworkJson.Default.ActionRecord, cancellation)).OrderBy(record => record.Number)]);
    }

    public static CommitBatch Put(CommitBatch batch, NetworkRecord record, string? was)
    {
        batch.Put(NetworkKind, record.Id, JsonSerializer.SerializeToUtf8Bytes(record, NetworkJson.Default.NetworkRecord));
        return record.State == was ? batch : AppendEvent(batch, record);
    }

    public static CommitBatch Delete(CommitBatch batch, NetworkRecord last) => AppendEvent(batch.Delete(NetworkKind, last.Id), last);

    public static CommitBatch Put(CommitBatch batch, PortRecord port) => port.Channels.Count == 0
        ? batch.Delete(PortKind, port.Key)
        : batch.Put(PortKind, port.Key, JsonSerializer.SerializeToUtf8Bytes(port, NetworkJson.Default.PortRecord));

    public static CommitBatch Put(CommitBatch batch, ActionRecord action) =>
        batch.Put(ActionKind, action.Id, JsonSerializer.SerializeToUtf8Bytes(action, NetworkJson.Default.ActionRecord));

    public static CommitBatch Delete(CommitBatch batch, ActionRecord action) => batch.Delete(ActionKind, action.Id);

    public static CommitBatch Put(CommitBatch batch, SwitchRecord record) =>
        batch.Put(SwitchKind, record.Id, JsonSerializer.SerializeToUtf8Bytes(record, NetworkJson.Default.SwitchRecord));

    public static CommitBatch Delete(CommitBatch batch, SwitchRecord record) => batch.Delete(SwitchKind, record.Id);

    /// <summary>Commits a batch; durable when it returns.</summary>
    public async Task CommitAsync(CommitBatch batch, CancellationToken cancellation)
    {
        ValueTask<CommitResult> commit;
        lock (_order)
        {
            batch.Put(CounterKind, CounterId, JsonSerializer.SerializeToUtf8Bytes(counters(), NetworkJson.Default.NetworkCounters));
            commit = store.CommitAsync(batch, cancellation);
        }

        (await commit).OrThrow();
    }

    private static CommitBatch AppendEvent(CommitBatch batch, NetworkRecord record) => batch.Append(Topic, EventBody.Write(
        $"net.{record.State}",
        $"/net/{record.Id}",
        record.Owner,
        json =>
        {
            if (record.Cause is not null)
            {
                json.WriteString("cause", record.Cause);
            }
        }));

    private static async Task<List<T>> AllAsync<T>(StateStore store, string kind, JsonTypeInfo<T> json, CancellationToken cancellation)
    {
        var all = new List<T>();
        await foreach (var entity in store.ReadAllAsync(kind, cancellation))
        {
            all.Add(Read(entity, json));
        }

        return all;
    }

    private static T Read<T>(StoredEntity stored, JsonTypeInfo<T> json)
    {
        try
        {
            return JsonSerializer.Deserialize(stored.Body.Span, json) ?? throw new JsonException("It is null.");
        }
        catch (JsonException failure)
        {
            throw new StoreException(
                BadRecord, $"The stored {stored.Key} cannot be read: {failure.Message} Run the version that wrote it.", inner: failure);
        }
    }
}
