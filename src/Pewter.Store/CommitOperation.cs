namespace Pewter.Store;

/// <summary>What a batch asks of one entity.</summary>
internal enum OperationKind
{
    /// <summary>Write the body.</summary>
    Put,

    /// <summary>Remove the entity; nothing happens when there is none.</summary>
    Delete,

    /// <summary>Only check the version.</summary>
    Require,
}

/// <summary>One operation of a batch.</summary>
/// <param name="Key">The entity.</param>
/// <param name="Kind">What to do.</param>
/// <param name="Expected">The version that must be there, 0 for none; null for any.</param>
/// <param name="Body">The new body of a put.</param>
internal readonly record struct CommitOperation(
    EntityKey Key, OperationKind Kind, long? Expected, ReadOnlyMemory<byte> Body);

/// <summary>An event that a batch appends.</summary>
internal readonly record struct EventAppend(string Topic, ReadOnlyMemory<byte> Body);
