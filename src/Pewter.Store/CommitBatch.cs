using System.Runtime.InteropServices;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;

namespace Pewter.Store;

/// <summary>
/// What is to be committed as one: all of it becomes durable, or nothing does. Built by one caller, handed to
/// <see cref="StateStore.CommitAsync"/> once, not touched afterwards; the bodies stay the caller's and must not change until the
/// commit ended.
/// </summary>
public sealed class CommitBatch
{
    private readonly List<CommitOperation> _operations = [];
    private readonly List<EventAppend> _events = [];
    private List<Action<long>>? _committed;
    private HashSet<EntityKey>? _keys;

    internal ReadOnlySpan<CommitOperation> Operations => CollectionsMarshal.AsSpan(_operations);

    internal ReadOnlySpan<EventAppend> Events => CollectionsMarshal.AsSpan(_events);

    /// <summary>Operations and events so far.</summary>
    public int Count => _operations.Count + _events.Count;

    internal long Bytes { get; private set; }

    internal int LargestBody { get; private set; }

    /// <summary>Writes the entity whether it exists or not.</summary>
    public CommitBatch Put(string kind, string id, ReadOnlyMemory<byte> body) => User(kind, id, OperationKind.Put, null, body);

    /// <summary>Writes the entity, which must not exist.</summary>
    public CommitBatch Create(string kind, string id, ReadOnlyMemory<byte> body) => User(kind, id, OperationKind.Put, 0, body);

    /// <summary>Writes the entity, which must be at <paramref name="version"/>.</summary>
    public CommitBatch Replace(string kind, string id, long version, ReadOnlyMemory<byte> body) =>
        User(kind, id, OperationKind.Put, version, body);

    /// <summary>
    /// Removes the entity, which must be at <paramref name="version"/> if one is given; else nothing happens when there is none.
    /// </summary>
    public CommitBatch Delete(string kind, string id, long? version = null) =>
        User(kind, id, OperationKind.Delete, version, default);

    /// <summary>Commits only if the entity is at <paramref name="version"/>, 0 for not there, and leaves it alone.</summary>
    public CommitBatch Require(string kind, string id, long version) => User(kind, id, OperationKind.Require, version, default);

    /// <summary>Appends an event.</summary>
    public CommitBatch Append(string topic, ReadOnlyMemory<byte> body)
    {
        EntityKey.CheckName(topic, nameof(topic));
        _events.Add(new EventAppend(topic, body));
        Weigh(body);
        return this;
    }

    /// <summary>Appends an event that a source-generated serialiser writes.</summary>
    public CommitBatch Append<T>(string topic, T value, JsonTypeInfo<T> json) =>
        Append(topic, JsonSerializer.SerializeToUtf8Bytes(value, json));

    /// <summary>
    /// Runs <paramref name="action"/> with the new revision once the batch is durable and before <see cref="StateStore.CommitAsync"/>
    /// returns; not when it is refused. It runs on the writer's thread, in the order of the revisions, so it must be short, must not
    /// wait and must not throw. How tables publish their new snapshot.
    /// </summary>
    public CommitBatch WhenCommitted(Action<long> action)
    {
        (_committed ??= []).Add(action);
        return this;
    }

    internal CommitBatch Add(EntityKey key, OperationKind kind, long? expected, ReadOnlyMemory<byte> body)
    {
        EntityKey.CheckName(key.Id, "id");
        if (!IsNew(key))
            throw new ArgumentException($"{key} stands twice in one batch; say once what is to become of it.");
        _operations.Add(new CommitOperation(key, kind, expected, body));
        Weigh(body);
        return this;
    }

    internal void Published(long revision)
    {
        if (_committed is null)
            return;
        foreach (var action in _committed)
            action(revision);
    }

    private CommitBatch User(string kind, string id, OperationKind operation, long? expected, ReadOnlyMemory<byte> body)
    {
        EntityKey.CheckUserKind(kind, nameof(kind));
        if (expected is < 0)
            throw new ArgumentOutOfRangeException(nameof(expected), expected, "A version is 1 or more; 0 stands for none.");
        return Add(new EntityKey(kind, id), operation, expected, body);
    }

    /// <summary>A set only for batches of more than a few: most have one or two operations.</summary>
    private bool IsNew(EntityKey key)
    {
        if (_keys is not null)
            return _keys.Add(key);
        foreach (ref readonly var operation in Operations)
            if (operation.Key == key)
                return false;
        if (_operations.Count == 8)
            _keys = [.. _operations.Select(o => o.Key), key];
        return true;
    }

    private void Weigh(ReadOnlyMemory<byte> body)
    {
        Bytes += body.Length;
        LargestBody = Math.Max(LargestBody, body.Length);
    }
}
