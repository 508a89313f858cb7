namespace Pewter.Store;

/// <summary>A write that is left after a group's batches were folded: the last one of each entity.</summary>
/// <param name="Version">The entity's new version.</param>
/// <param name="Body">The new body; null for a delete.</param>
internal readonly record struct PlannedWrite(long Version, ReadOnlyMemory<byte>? Body);

/// <summary>An event of a group with its number.</summary>
internal readonly record struct PlannedEvent(long Sequence, string Topic, ReadOnlyMemory<byte> Body);

/// <summary>
/// Decides what one transaction does for a group of batches, and what each of them is answered once it is durable. Pure: it sees the
/// versions before the group and gives the writes, so every backend decides alike. Batches see those before them in the same group.
/// </summary>
internal sealed class GroupPlan
{
    private readonly IReadOnlyDictionary<EntityKey, long> _versions;
    private readonly Dictionary<EntityKey, PlannedWrite> _writes = [];
    private readonly List<PlannedEvent> _events = [];

    /// <summary>Starts a plan.</summary>
    /// <param name="head">The counters before the group.</param>
    /// <param name="time">The time that its events bear.</param>
    /// <param name="versions">The version of every entity that <see cref="AddGuarded"/> named; 0 or absent: none.</param>
    public GroupPlan(StoreHead head, DateTimeOffset time, IReadOnlyDictionary<EntityKey, long> versions)
    {
        (Head, Time, _versions) = (head, time, versions);
    }

    /// <summary>The counters after the group.</summary>
    public StoreHead Head { get; private set; }

    public DateTimeOffset Time { get; }

    public IReadOnlyDictionary<EntityKey, PlannedWrite> Writes => _writes;

    public IReadOnlyList<PlannedEvent> Events => _events;

    public bool IsEmpty => _writes.Count == 0 && _events.Count == 0;

    /// <summary>Collects the entities whose version a batch depends on.</summary>
    public static void AddGuarded(CommitBatch batch, HashSet<EntityKey> keys)
    {
        foreach (ref readonly var operation in batch.Operations)
            if (operation.Expected is not null)
                keys.Add(operation.Key);
    }

    /// <summary>Adds a batch and gives the answer that is due once the group is durable.</summary>
    public CommitResult Add(CommitBatch batch)
    {
        foreach (ref readonly var operation in batch.Operations)
            if (operation.Expected is { } expected && VersionOf(operation.Key) is var actual && actual != expected)
                return new CommitResult(new StoreConflict(operation.Key, expected, actual));
        var revision = Head.Revision + 1;
        foreach (ref readonly var operation in batch.Operations)
            if (operation.Kind == OperationKind.Put)
                _writes[operation.Key] = new PlannedWrite(revision, operation.Body);
            else if (operation.Kind == OperationKind.Delete)
                _writes[operation.Key] = new PlannedWrite(revision, Body: null);
        var sequence = Head.EventSequence;
        foreach (ref readonly var append in batch.Events)
            _events.Add(new PlannedEvent(++sequence, append.Topic, append.Body));
        var first = sequence > Head.EventSequence ? Head.EventSequence + 1 : 0;
        Head = Head with { Revision = revision, EventSequence = sequence };
        return new CommitResult(revision, first);
    }

    private long VersionOf(EntityKey key)
    {
        if (_writes.TryGetValue(key, out var write))
            return write.Body is null ? 0 : write.Version;
        return _versions.GetValueOrDefault(key);
    }
}
