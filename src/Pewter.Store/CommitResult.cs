using System.Diagnostics.CodeAnalysis;

namespace Pewter.Store;

/// <summary>The answer to a commit: durable, or refused whole because of a conflict.</summary>
public readonly record struct CommitResult
{
    internal CommitResult(long revision, long firstEvent) => (Revision, FirstEvent) = (revision, firstEvent);

    internal CommitResult(StoreConflict conflict) => Conflict = conflict;

    /// <summary>True when the batch is durable; false when nothing of it was kept.</summary>
    [MemberNotNullWhen(false, nameof(Conflict))]
    public bool Committed => Conflict is null;

    /// <summary>The new version of every entity that the batch wrote.</summary>
    public long Revision { get; }

    /// <summary>The sequence number of the batch's first event, the others following; 0 when it had none.</summary>
    public long FirstEvent { get; }

    /// <summary>Why the batch was refused.</summary>
    public StoreConflict? Conflict { get; }

    /// <summary>For batches that cannot conflict: returns itself, or throws because it was a bug.</summary>
    public CommitResult OrThrow() =>
        Committed ? this : throw new InvalidOperationException($"A commit that could not conflict did: {Conflict}");
}
