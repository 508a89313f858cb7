namespace Pewter.Store;

/// <summary>An entity of a table as it was last committed.</summary>
/// <typeparam name="T">An immutable record.</typeparam>
/// <param name="Id">Its id within the table's kind.</param>
/// <param name="Version">The revision that wrote it.</param>
/// <param name="Value">The value.</param>
public sealed record Entity<T>(string Id, long Version, T Value)
    where T : class;
