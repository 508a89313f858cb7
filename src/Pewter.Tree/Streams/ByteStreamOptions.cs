namespace Pewter.Tree;

/// <summary>What a writer does when the window of a <see cref="ByteStream"/> is full.</summary>
public enum WhenFull
{
    /// <summary>Waits for the slowest reader, and while there is none, for one to come: a pipe.</summary>
    Wait,

    /// <summary>
    /// Waits for the slowest reader; while there is none, the oldest bytes go. A program's output: nobody listening does not stop it.
    /// </summary>
    WaitForReaders,

    /// <summary>Never waits: the oldest bytes go, and slow readers lose them. A log.</summary>
    DropOldest,
}

/// <summary>How a <see cref="ByteStream"/> behaves.</summary>
public sealed record ByteStreamOptions
{
    /// <summary>64 KiB, as Linux gives a pipe.</summary>
    public const int DefaultCapacity = 64 << 10;

    /// <summary>Bytes kept, for readers that are slow or come late. Memory is taken as it is needed.</summary>
    public int Capacity { get; init; } = DefaultCapacity;

    /// <summary>What happens when they are full.</summary>
    public WhenFull WhenFull { get; init; } = WhenFull.WaitForReaders;

    /// <summary>Where everything is kept beyond the window; null for nowhere.</summary>
    public IByteSpool? Spool { get; init; }
}
