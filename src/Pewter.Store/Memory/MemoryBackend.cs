using System.Runtime.CompilerServices;

namespace Pewter.Store.Memory;

/// <summary>The store's contract over a <see cref="MemoryDisk"/>.</summary>
internal sealed class MemoryBackend : StoreBackend
{
    private readonly MemoryDisk _disk;

    public MemoryBackend(MemoryDisk disk)
    {
        _disk = disk;
        lock (disk.Gate)
        {
            if (disk.InUse)
                throw new StoreException(StoreErrno.EBUSY, "A store is open on this memory disk; close it first.");
            disk.InUse = true;
        }
    }

    public override StoreHead? TryLead()
    {
        lock (_disk.Gate)
            return _disk.Head = _disk.Head with { Term = _disk.Head.Term + 1 };
    }

    public override Dictionary<EntityKey, long> ReadVersions(IReadOnlyCollection<EntityKey> keys)
    {
        var versions = new Dictionary<EntityKey, long>(keys.Count);
        foreach (var key in keys)
            if (Find(key) is { } stored)
                versions[key] = stored.Version;
        return versions;
    }

    public override void Apply(GroupPlan plan)
    {
        lock (_disk.Gate)
        {
            foreach (var (key, write) in plan.Writes)
                Write(key, write);
            foreach (var planned in plan.Events)
                _disk.Events.Enqueue(new StoredEvent(planned.Sequence, planned.Topic, Milliseconds(plan.Time), planned.Body.ToArray()));
            _disk.Head = plan.Head;
        }
    }

    public override void DropEvents(StoreHead head)
    {
        lock (_disk.Gate)
        {
            while (_disk.Events.TryPeek(out var oldest) && oldest.Sequence < head.EventFloor)
                _disk.Events.Dequeue();
            _disk.Head = head;
        }
    }

    public override void Dispose()
    {
        lock (_disk.Gate)
            _disk.InUse = false;
    }

    public override ValueTask<StoredEntity?> ReadAsync(EntityKey key, CancellationToken cancellation) =>
        ValueTask.FromResult(Find(key) is { } stored ? Copy(stored) : null);

    public override async IAsyncEnumerable<StoredEntity> ReadAllAsync(
        string kind, [EnumeratorCancellation] CancellationToken cancellation)
    {
        StoredEntity[] all;
        lock (_disk.Gate)
            all = _disk.Kinds.TryGetValue(kind, out var entities) ? [.. entities.Values] : [];
        foreach (var stored in all)
        {
            cancellation.ThrowIfCancellationRequested();
            yield return Copy(stored);
        }
        await ValueTask.CompletedTask;
    }

    public override ValueTask<EventPage> ReadEventsAsync(long since, string? topic, int limit, CancellationToken cancellation)
    {
        lock (_disk.Gate)
        {
            var events = _disk.Events.Where(e => e.Sequence > since && (topic is null || e.Topic == topic)).Take(limit).ToList();
            var full = events.Count == limit;
            var last = full ? events[^1].Sequence : _disk.Head.EventSequence;
            return ValueTask.FromResult(new EventPage(events, _disk.Head.EventFloor, last, full));
        }
    }

    private static DateTimeOffset Milliseconds(DateTimeOffset time) =>
        DateTimeOffset.FromUnixTimeMilliseconds(time.ToUnixTimeMilliseconds());

    private static StoredEntity Copy(StoredEntity stored) => stored with { Body = stored.Body.ToArray() };

    private StoredEntity? Find(EntityKey key)
    {
        lock (_disk.Gate)
            return _disk.Kinds.TryGetValue(key.Kind, out var entities) ? entities.GetValueOrDefault(key.Id) : null;
    }

    private void Write(EntityKey key, PlannedWrite write)
    {
        if (!_disk.Kinds.TryGetValue(key.Kind, out var entities))
            _disk.Kinds[key.Kind] = entities = new SortedDictionary<string, StoredEntity>(Utf8Order.Instance);
        if (write.Body is { } body)
            entities[key.Id] = new StoredEntity(key, write.Version, body.ToArray());
        else
            entities.Remove(key.Id);
    }
}
