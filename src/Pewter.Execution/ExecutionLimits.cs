namespace Pewter.Execution;

/// <summary>What one user may have at once, so that a slip of one leaves the others their machines.</summary>
public sealed record ExecutionLimits
{
    /// <summary>Sessions of a user. 20,000: four times the largest run that Pewter is measured with, and some 20 MB of the daemon's memory.</summary>
    public int SessionsPerUser { get; init; } = 20_000;

    /// <summary>Processes that sessions of a user have reserved or run. 50,000: above Linux's default of 32,768 processes on one machine.</summary>
    public int ProcessesPerUser { get; init; } = 50_000;

    /// <summary>Processes of one session. 10,000: a directory and a list that a person can still handle.</summary>
    public int ProcessesPerSession { get; init; } = 10_000;

    /// <summary>
    /// Bytes of memory that the processes of a user may be limited to together; each process must have a memory limit then. Null: no bound,
    /// as on a machine of one's own.
    /// </summary>
    public long? MemoryPerUser { get; init; }

    /// <summary>How long a node may be out of reach before its processes count as lost.</summary>
    public TimeSpan NodeLease { get; init; } = TimeSpan.FromSeconds(30);
}
