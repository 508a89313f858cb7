namespace Pewter.Blocks.Layers;

/// <summary>The kinds of <see cref="StoreRecord"/>.</summary>
internal enum StoreOperation
{
    /// <summary>A disk with a new top, empty or over a layer.</summary>
    CreateDisk,

    /// <summary>A disk's top is sealed into a layer and a new top put over it.</summary>
    Snapshot,

    /// <summary>A disk becomes a layer and is no more.</summary>
    Publish,

    /// <summary>A disk's top is thrown away and a new one put over a layer.</summary>
    Rollback,

    /// <summary>A disk holds everything itself and stands on nothing.</summary>
    Detach,

    /// <summary>A disk is being cut; repeated at the next start until the Resize follows.</summary>
    Shrink,

    /// <summary>A disk has a new length.</summary>
    Resize,

    /// <summary>So many bytes of an import are durable.</summary>
    Progress,

    /// <summary>A disk or a layer has a new name.</summary>
    Rename,

    /// <summary>A disk is no more.</summary>
    DeleteDisk,

    /// <summary>A layer is no more.</summary>
    DeleteLayer,

    /// <summary>A layer as it is; only in a compacted journal.</summary>
    Layer,
}
