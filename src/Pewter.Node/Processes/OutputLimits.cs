namespace Pewter.Node.Processes;

/// <summary>How much of a stream is held for readers.</summary>
public sealed record OutputLimits
{
    /// <summary>
    /// Bytes in memory. 1 MiB is a very long compiler log, and lets a stream that flows through do so in large pieces; memory is only taken
    /// for what was printed, so a thousand silent programs cost nothing.
    /// </summary>
    public int MemoryBytes { get; init; } = 1024 * 1024;

    /// <summary>Bytes of the spool file that older output goes to; 0: none.</summary>
    public long SpoolBytes { get; init; }

    /// <summary>The spool file; it is made when first needed and goes with the log.</summary>
    public string? SpoolPath { get; init; }

    /// <summary>The first piece of memory taken: most programs print a line or two.</summary>
    public int FirstSegment { get; init; } = 512;

    /// <summary>The largest piece of memory taken: below the large object heap.</summary>
    public int LargestSegment { get; init; } = 64 * 1024;
}
