namespace Pewter.Store;

/// <summary>
/// State that lives as long as this object: for tests and simulations. Opening a store on the same disk again is a restart. One store
/// at a time.
/// </summary>
public sealed class MemoryDisk
{
    internal Lock Gate { get; } = new();

    internal Dictionary<string, SortedDictionary<string, StoredEntity>> Kinds { get; } = [];

    internal Queue<StoredEvent> Events { get; } = [];

    internal StoreHead Head { get; set; } = new(0, 0, 1, 0);

    internal bool InUse { get; set; }
}
