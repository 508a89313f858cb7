namespace Pewter.NineP;

/// <summary>What the two ends of a connection agreed to speak.</summary>
public enum Dialect
{
    /// <summary>Nothing yet: only <c>Tversion</c> may come.</summary>
    None,

    /// <summary>9P2000: errors are sentences, attributes are stat entries.</summary>
    NineP2000,

    /// <summary>9P2000.L: errors are Linux errnos, operations are those of the Linux VFS.</summary>
    NineP2000L,
}
