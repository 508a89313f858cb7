namespace Pewter.Store;

/// <summary>An entity as it was last committed.</summary>
/// <param name="Key">Its name.</param>
/// <param name="Version">The revision of the commit that wrote it; grows with every write and never repeats, even after a delete.</param>
/// <param name="Body">What was put, byte for byte; UTF-8 JSON by custom. The reader owns it.</param>
public sealed record StoredEntity(EntityKey Key, long Version, ReadOnlyMemory<byte> Body);
