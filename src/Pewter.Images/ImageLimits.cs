namespace Pewter.Images;

/// <summary>Limits of images and disks.</summary>
public sealed record ImageLimits
{
    /// <summary>Disks made by one command: 4,096, so that all of them fit one commit.</summary>
    public int DisksAtOnce { get; init; } = 4096;

    /// <summary>Disks there may be: 100,000, some 100 MB of records in memory.</summary>
    public int Disks { get; init; } = 100_000;

    /// <summary>Images there may be: 10,000.</summary>
    public int Images { get; init; } = 10_000;

    /// <summary>Tags of an image or disk: 64, as many as a person can look through.</summary>
    public int Tags { get; init; } = 64;

    /// <summary>How long the disk server may take to start before whoever waits is told: 30 s, for many disks on a slow machine.</summary>
    public TimeSpan StartPatience { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>How often it is looked whether the disk server lives: 500 ms, so that a dead one is noticed before initiators give up.</summary>
    public TimeSpan WatchPeriod { get; init; } = TimeSpan.FromMilliseconds(500);

    /// <summary>How long after a start that could not serve the disks it is tried again: 1 s, so that machines hardly wait.</summary>
    public TimeSpan WakePeriod { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>How long a disk in use is waited for before its release is refused: 2 s, what a killed guest's sockets take to close.</summary>
    public TimeSpan ReleasePatience { get; init; } = TimeSpan.FromSeconds(2);

    /// <summary>Numbers of events that are passed over after a restart, since the last ones may not have been noted.</summary>
    public long EventSlack { get; init; } = 100_000;
}
