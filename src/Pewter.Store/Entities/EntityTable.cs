using System.Collections.Immutable;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;

namespace Pewter.Store;

/// <summary>
/// All entities of one kind as typed values in memory, written through to the journal. <see cref="Snapshot"/> is read without a lock
/// by anyone at any time and shows what is durable, never what is still on its way; changes go through batches, alone or together with
/// other tables' and events.
/// </summary>
/// <typeparam name="T">An immutable record that the serialiser knows.</typeparam>
/// <remarks>
/// From <see cref="StateStore.LoadTableAsync"/>. Made for a service whose owner task decides: commit the intent, act, commit the
/// outcome; after a restart the loaded table tells what was under way. Snapshots follow each other in the order of the commits, each
/// published before its commit is acknowledged.
/// </remarks>
public sealed class EntityTable<T>
    where T : class
{
    private readonly StateStore _store;
    private readonly string _kind;
    private readonly JsonTypeInfo<T> _json;
    private volatile ImmutableDictionary<string, Entity<T>> _snapshot;

    internal EntityTable(StateStore store, string kind, JsonTypeInfo<T> json, ImmutableDictionary<string, Entity<T>> snapshot)
    {
        (_store, _kind, _json, _snapshot) = (store, kind, json, snapshot);
    }

    /// <summary>The entities by id. Constant; the next commit makes a new one.</summary>
    public ImmutableDictionary<string, Entity<T>> Snapshot => _snapshot;

    /// <summary>The entity with this id, or null.</summary>
    public Entity<T>? Find(string id) => _snapshot.GetValueOrDefault(id);

    /// <summary>Adds to the batch: a new entity, which must not exist.</summary>
    public void Create(CommitBatch batch, string id, T value)
    {
        batch.Create(_kind, id, Write(value));
        batch.WhenCommitted(revision => Publish(id, revision, value));
    }

    /// <summary>Adds to the batch: a new value in the place of <paramref name="current"/>, which must not have changed.</summary>
    public void Replace(CommitBatch batch, Entity<T> current, T value)
    {
        batch.Replace(_kind, current.Id, current.Version, Write(value));
        batch.WhenCommitted(revision => Publish(current.Id, revision, value));
    }

    /// <summary>Adds to the batch: the end of <paramref name="current"/>, which must not have changed.</summary>
    public void Delete(CommitBatch batch, Entity<T> current)
    {
        batch.Delete(_kind, current.Id, current.Version);
        batch.WhenCommitted(_ => _snapshot = _snapshot.Remove(current.Id));
    }

    /// <summary>Commits a new entity; false when the id is taken.</summary>
    public async ValueTask<bool> CreateAsync(string id, T value, CancellationToken cancellation)
    {
        var batch = new CommitBatch();
        Create(batch, id, value);
        return (await _store.CommitAsync(batch, cancellation)).Committed;
    }

    /// <summary>
    /// Commits what <paramref name="change"/> makes of the current value, again if someone else was faster; gives the new entity, or
    /// null when there is none with this id. Nothing is written when the change gives back the same value.
    /// </summary>
    public async ValueTask<Entity<T>?> UpdateAsync(string id, Func<T, T> change, CancellationToken cancellation)
    {
        while (Find(id) is { } current)
        {
            var value = change(current.Value);
            if (ReferenceEquals(value, current.Value))
                return current;
            var batch = new CommitBatch();
            Replace(batch, current, value);
            var result = await _store.CommitAsync(batch, cancellation);
            if (result.Committed)
                return new Entity<T>(id, result.Revision, value);
            CheckFresh(current, result);
        }
        return null;
    }

    /// <summary>Commits the end of an entity; false when there is none with this id.</summary>
    public async ValueTask<bool> DeleteAsync(string id, CancellationToken cancellation)
    {
        while (Find(id) is { } current)
        {
            var batch = new CommitBatch();
            Delete(batch, current);
            var result = await _store.CommitAsync(batch, cancellation);
            if (result.Committed)
                return true;
            CheckFresh(current, result);
        }
        return false;
    }

    /// <summary>The snapshot is as new as every conflict, so a conflict with what it shows means a writer beside the table.</summary>
    private void CheckFresh(Entity<T> current, CommitResult result)
    {
        if (ReferenceEquals(Find(current.Id), current))
            throw new InvalidOperationException($"Something writes entities of {_kind} beside their table: {result.Conflict}");
    }

    private byte[] Write(T value) => JsonSerializer.SerializeToUtf8Bytes(value, _json);

    /// <summary>On the writer's thread, so in the order of the revisions.</summary>
    private void Publish(string id, long revision, T value) => _snapshot = _snapshot.SetItem(id, new Entity<T>(id, revision, value));
}
