namespace Pewter.NineP.Server;

/// <summary>What one connection may use of a server. Every default says why it is what it is.</summary>
public sealed record NineLimits
{
    private readonly int _messageSize = 1 << 20;

    /// <summary>The defaults.</summary>
    public static NineLimits Default { get; } = new();

    /// <summary>Largest message, in bytes. 1 MiB: the most that Linux's 9P over a file descriptor asks for; more buys no speed.</summary>
    /// <exception cref="ArgumentOutOfRangeException">Less than 4 KiB, which no Linux client accepts.</exception>
    public int MessageSize
    {
        get => _messageSize;
        init => _messageSize = value >= 4096 ? value : throw new ArgumentOutOfRangeException(nameof(value), value, "4,096 at least.");
    }

    /// <summary>
    /// Fids at once. 16,384: Linux keeps a fid for each cached directory and open file, and a <c>find</c> over 10,000 objects must
    /// pass; at some 200 bytes each it is 3 MiB of a hostile client's at most.
    /// </summary>
    public int Fids { get; init; } = 16_384;

    /// <summary>
    /// Requests that wait at once, beyond which EAGAIN is answered. 1,024: as many blocked readers as one mount plausibly has;
    /// requests that are answered at once do not count.
    /// </summary>
    public int Requests { get; init; } = 1_024;

    /// <summary>
    /// Bytes that waiting reads and writes may hold together. 16 MiB: one full-size message each way for a few bulk transfers; a waiting
    /// read is given ever smaller buffers (4 KiB at least) as it fills, a shorter read being always legal.
    /// </summary>
    public int WaitingBytes { get; init; } = 16 << 20;

    /// <summary>Bytes in a name. 255: NAME_MAX of Linux, which no client exceeds.</summary>
    public int NameLength { get; init; } = 255;

    /// <summary>Elements below the root that a fid may stand. 64: deeper than any tree here, shallow enough for recursion.</summary>
    public int Depth { get; init; } = 64;

    /// <summary>Time until Tversion. 5 s: port scanners and stuck peers go, slow handshakes of TLS are already over.</summary>
    public TimeSpan VersionTimeout { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>
    /// Time a peer may leave its replies unread while the socket is full. 60 s: a stopped client (SIGSTOP, a sleeping laptop) gets a
    /// minute; meanwhile nothing more is read from it, so what waits to be sent is bounded by <see cref="WaitingBytes"/>.
    /// </summary>
    public TimeSpan StallTimeout { get; init; } = TimeSpan.FromSeconds(60);

    /// <summary>
    /// With the attach option <c>stream=1</c>: time that a continuation of a short read may wait before it is answered with 0 bytes. 10 ms: below
    /// what a person notices, above one hop to a remote tree.
    /// </summary>
    public TimeSpan StreamGrace { get; init; } = TimeSpan.FromMilliseconds(10);
}
