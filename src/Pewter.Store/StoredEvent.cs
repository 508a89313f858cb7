namespace Pewter.Store;

/// <summary>An event as it was committed.</summary>
/// <param name="Sequence">Its place in the one sequence of all topics: from 1, without gaps among the kept ones, never reused.</param>
/// <param name="Topic">What it is about, such as the collection's name.</param>
/// <param name="Time">When it was committed, to the millisecond.</param>
/// <param name="Body">What was appended, byte for byte; UTF-8 JSON by custom. The reader owns it.</param>
public sealed record StoredEvent(long Sequence, string Topic, DateTimeOffset Time, ReadOnlyMemory<byte> Body);
