namespace Pewter.Distribution.Blobs;

/// <summary>How far a blob is.</summary>
internal enum BlobState
{
    /// <summary>Nothing, or not all, is there, and nobody sends.</summary>
    Partial,

    /// <summary>It is being written; what is there can be read and passed on already.</summary>
    Receiving,

    /// <summary>All of it is there and has the digest that it should have.</summary>
    Ready,

    /// <summary>What came was not what was announced, or it was removed.</summary>
    Gone,
}
