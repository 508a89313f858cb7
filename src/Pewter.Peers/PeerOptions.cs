namespace Pewter.Peers;

/// <summary>How a daemon is with its peers. Immutable; every default says why it is what it is.</summary>
public sealed record PeerOptions
{
    /// <summary>The version that is told to peers.</summary>
    public string Version { get; init; } = "unknown";

    /// <summary>The parent to join; null for none.</summary>
    public JoinOptions? Join { get; init; }

    /// <summary>
    /// How long a lost peer is still listed. 30 s: longer than a restart of its daemon, shorter than a person's patience with the
    /// dead.
    /// </summary>
    public TimeSpan Ttl { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>How often a peer is asked for a sign of life. 500 ms: three are missed before it is given up.</summary>
    public TimeSpan BeatInterval { get; init; } = TimeSpan.FromMilliseconds(500);

    /// <summary>
    /// Silence after which a peer is given up. 1.5 s: with the half second that remains, every <c>status</c> is whole within two.
    /// </summary>
    public TimeSpan DeadAfter { get; init; } = TimeSpan.FromMilliseconds(1500);

    /// <summary>
    /// How long a whole read of a living peer may take before its line says that it is silent. 2 s, and <see
    /// cref="DeadlinePerLevel"/> more for each level of peers below it.
    /// </summary>
    public TimeSpan Deadline { get; init; } = TimeSpan.FromSeconds(2);

    /// <summary>
    /// What each level below a peer adds to its deadline, so that a level gives up on the next before it is given up itself. 500 ms.
    /// </summary>
    public TimeSpan DeadlinePerLevel { get; init; } = TimeSpan.FromMilliseconds(500);

    /// <summary>Time to connect, shake hands and say hello. 5 s: two lost packets at the start.</summary>
    public TimeSpan ConnectTimeout { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>The first pause before the parent is dialled again. 100 ms: a restarted parent has its children back at once.</summary>
    public TimeSpan FirstPause { get; init; } = TimeSpan.FromMilliseconds(100);

    /// <summary>
    /// The longest such pause. 5 s: a thousand children of a dead parent dial two hundred times a second when it is back.
    /// </summary>
    public TimeSpan LongestPause { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>The seed of the jitter of these pauses; null for one of the clock and the process.</summary>
    public int? JitterSeed { get; init; }

    /// <summary>The collections at the root that are unions with those of the peers.</summary>
    public IReadOnlyList<string> Unions { get; init; } = ["proc", "node", "mail", "metric", "knob"];
}
