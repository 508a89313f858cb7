namespace Pewter.Sdk;

/// <summary>How processes are laid out over the nodes that may have them.</summary>
public enum Layout
{
    /// <summary>Evenly: each goes where the fewest are.</summary>
    Spread,

    /// <summary>Densely: a node is filled up to its CPUs before the next one is used.</summary>
    Pack,

    /// <summary>Each goes where the most CPU time is idle.</summary>
    LeastLoaded,
}
