namespace Pewter.Store;

/// <summary>Why a batch was refused: an entity is not at the version that the batch expected.</summary>
/// <param name="Key">The entity.</param>
/// <param name="Expected">The version that the batch expected; 0: that there is none.</param>
/// <param name="Actual">The version that there is; 0: none.</param>
public sealed record StoreConflict(EntityKey Key, long Expected, long Actual)
{
    /// <summary>A sentence for people.</summary>
    public override string ToString() => (Expected, Actual) switch
    {
        (0, _) => $"{Key} exists already.",
        (_, 0) => $"{Key} does not exist any more.",
        _ => $"{Key} was changed by someone else meanwhile (version {Actual}, not {Expected}); read it again.",
    };
}
