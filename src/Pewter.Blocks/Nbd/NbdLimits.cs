namespace Pewter.Blocks.Nbd;

/// <summary>Bounds on what one NBD client can make the server hold or do.</summary>
public sealed record NbdLimits
{
    /// <summary>Connections at once: each costs a thread and about 400 KiB, so this is some 2 GiB at the worst.</summary>
    public int MaxConnections { get; init; } = 4096;

    /// <summary>Largest READ or WRITE. 32 MiB is what the protocol asks every server to take and what clients assume.</summary>
    public int MaxPayload { get; init; } = 32 << 20;

    /// <summary>Largest data of an option: a name of 4 KiB, the longest that the protocol allows, and queries beside it.</summary>
    public int MaxOptionBytes { get; init; } = 16 << 10;

    /// <summary>Options of one negotiation; nbdinfo, the most curious client, uses fewer than twenty.</summary>
    public int MaxOptions { get; init; } = 128;

    /// <summary>Time for the whole negotiation, so that silent connections do not pile up.</summary>
    public TimeSpan Negotiation { get; init; } = TimeSpan.FromSeconds(20);

    /// <summary>How long a client may leave a reply unread. Kernel clients stall for seconds under memory pressure, not for a minute.</summary>
    public TimeSpan Send { get; init; } = TimeSpan.FromSeconds(60);

    /// <summary>Requests of one connection that wait for the disk at once; the kernel's client sends at most 128.</summary>
    public int MaxWaiting { get; init; } = 128;

    /// <summary>Bytes of requests that wait for the disk at once, over one connection.</summary>
    public long MaxWaitingBytes { get; init; } = 64 << 20;

    /// <summary>Runs in one answer to BLOCK_STATUS; a client asks on for the rest.</summary>
    public int MaxExtents { get; init; } = 2048;
}
