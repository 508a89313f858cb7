namespace Pewter.Store;

/// <summary>
/// What differs between SQLite and PostgreSQL. The members up to <see cref="Dispose"/> are called by the writer's thread alone, one at a
/// time, and block; the reading ones may be called at once from anywhere. Failures are <see cref="StoreException"/>s.
/// </summary>
internal abstract class StoreBackend : IDisposable
{
    /// <summary>
    /// Tries to become the one that commits, brings the schema up to date and starts a new term; null when another leads.
    /// </summary>
    public abstract StoreHead? TryLead();

    /// <summary>
    /// Whether another daemon can take the lead from this one, so that <see cref="CheckLead"/> must be asked regularly.
    /// </summary>
    public virtual bool SharesLead => false;

    /// <summary>Checks, while nothing is to be committed, that this one still leads; throws when it does not.</summary>
    public virtual void CheckLead(StoreHead head)
    {
    }

    /// <summary>Lets go of the lead after a failure, so that another may take it.</summary>
    public virtual void Resign()
    {
    }

    /// <summary>Gives the versions of the entities that exist among <paramref name="keys"/>.</summary>
    public abstract Dictionary<EntityKey, long> ReadVersions(IReadOnlyCollection<EntityKey> keys);

    /// <summary>Makes the plan durable in one transaction. A failure leaves nothing of it, or says that the outcome is unknown.</summary>
    public abstract void Apply(GroupPlan plan);

    /// <summary>Durably drops events below <c>head.EventFloor</c>.</summary>
    public abstract void DropEvents(StoreHead head);

    /// <summary>Closes the connections of the writer and the readers; the lead passes on.</summary>
    public abstract void Dispose();

    /// <summary>Reads one entity.</summary>
    public abstract ValueTask<StoredEntity?> ReadAsync(EntityKey key, CancellationToken cancellation);

    /// <summary>Reads all entities of a kind in the order of their ids' bytes, as of one moment.</summary>
    public abstract IAsyncEnumerable<StoredEntity> ReadAllAsync(string kind, CancellationToken cancellation);

    /// <summary>Reads at most <paramref name="limit"/> events after <paramref name="since"/>, and the floor of the same moment.</summary>
    public abstract ValueTask<EventPage> ReadEventsAsync(long since, string? topic, int limit, CancellationToken cancellation);
}

/// <summary>A run of events.</summary>
/// <param name="Events">The events, oldest first.</param>
/// <param name="Floor">The first event that is kept.</param>
/// <param name="Last">The last event of any topic that this page covers; the next page begins after it.</param>
/// <param name="Full">There may be more.</param>
internal readonly record struct EventPage(IReadOnlyList<StoredEvent> Events, long Floor, long Last, bool Full);
