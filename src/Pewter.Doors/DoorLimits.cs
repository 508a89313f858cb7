namespace Pewter.Doors;

/// <summary>What the doors admit. Every default says why it is what it is.</summary>
public sealed record DoorLimits
{
    /// <summary>The defaults.</summary>
    public static DoorLimits Default { get; } = new();

    /// <summary>
    /// 9P connections at once, all peers together. 8,192: well below the 20,000 descriptors that a common hard limit gives a process,
    /// so that the tree itself can still open files.
    /// </summary>
    public int Connections { get; init; } = 8_192;

    /// <summary>
    /// 9P connections at once of one peer: a uid, or an address. 1,024: a shell loop with a client a line, or a rack's gateway, passes; one
    /// peer cannot use up everything.
    /// </summary>
    public int ConnectionsPerPeer { get; init; } = 1_024;

    /// <summary>
    /// New connections from one address that a bucket holds. 256: a fleet behind one address that comes back after a fault is let in at once.
    /// Peers on the Unix socket are not rated: they are processes of this machine and the kernel knows them.
    /// </summary>
    public int ArrivalsAtOnce { get; init; } = 256;

    /// <summary>New connections from one address that a second adds to its bucket. 64: a TLS handshake costs about a millisecond of CPU.</summary>
    public int ArrivalsPerSecond { get; init; } = 64;

    /// <summary>Time for a TLS handshake. 10 s: three lost packets on a bad line; a silent scanner is gone soon.</summary>
    public TimeSpan HandshakeTimeout { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>Length of a queue of connections not yet accepted. 512: a burst during a garbage collection.</summary>
    public int Backlog { get; init; } = 512;

    /// <summary>HTTP connections at once. 1,024: dashboards and scrapers; mass clients speak 9P.</summary>
    public int HttpConnections { get; init; } = 1_024;

    /// <summary>Bytes of commands in one HTTP request to a ctl. 1 MiB: 10,000 lines, as much as one 9P message carries.</summary>
    public int CommandBytes { get; init; } = 1 << 20;

    /// <summary>Bytes of one HTTP request to any other file. 16 GiB: an image; it is passed on piece by piece and never held.</summary>
    public long UploadBytes { get; init; } = 16L << 30;

    /// <summary>Entries in one HTTP listing. 100,000: what a browser can hold; the rest is said to be there (<c>truncated</c>).</summary>
    public int ListedEntries { get; init; } = 100_000;

    /// <summary>Silence on an event stream before a comment is sent. 15 s: below the idle limits of common proxies (30 s and 60 s).</summary>
    public TimeSpan HeartbeatInterval { get; init; } = TimeSpan.FromSeconds(15);

    /// <summary>Bytes of one line of an event stream. 1 MiB; a longer one is cut into several.</summary>
    public int EventLineBytes { get; init; } = 1 << 20;
}
