namespace Pewter.Distribution;

/// <summary>How much a machine keeps for its nodes, and how long. Immutable.</summary>
public sealed record BlobLimits
{
    /// <summary>Bytes of all blobs together. 16 GiB: a few hundred programs with their inputs, a small part of any disk that runs nodes.</summary>
    public long TotalBytes { get; init; } = 16L << 30;

    /// <summary>Bytes of the blobs of one user. 8 GiB: one user leaves half of the room to others.</summary>
    public long BytesPerUser { get; init; } = 8L << 30;

    /// <summary>Blobs of one user. 10,000: a list that a person can still handle.</summary>
    public int BlobsPerUser { get; init; } = 10_000;

    /// <summary>How long a blob that nobody uses stays. A week: what was not run since last week is pushed again.</summary>
    public TimeSpan MaxAge { get; init; } = TimeSpan.FromDays(7);

    /// <summary>How long a blob whose sender has left stays for it to come back. 10 minutes: a restart of a machine.</summary>
    public TimeSpan PartialAge { get; init; } = TimeSpan.FromMinutes(10);

    /// <summary>How often is looked for what has to go. A minute: nobody counts seconds of a week.</summary>
    public TimeSpan SweepInterval { get; init; } = TimeSpan.FromMinutes(1);

    /// <summary>
    /// Bytes of one piece on its way to a peer. 240 KiB: with its headers it fits one message of a peer's 9P inside one of its door's, both
    /// 256 KiB, so that it is one round trip; and a slow link has room for a sign of life between two.
    /// </summary>
    public int PieceBytes { get; init; } = 240 << 10;

    /// <summary>
    /// Pieces of one transfer under way at once. 1: the link of a peer carries one exchange each way at a time, and a queue of pieces in front of
    /// its sign of life has broken links where processors were short.
    /// </summary>
    public int PiecesAtOnce { get; init; } = 1;

    /// <summary>
    /// How often a broken transfer is begun, or taken up where it ended. 5: a link that breaks more often than that needs a person.
    /// </summary>
    public int Attempts { get; init; } = 5;

    /// <summary>The pause before that, and so much longer each time. 500 ms: a peer whose link broke dials again after 100 ms at the least.</summary>
    public TimeSpan Pause { get; init; } = TimeSpan.FromMilliseconds(500);
}
