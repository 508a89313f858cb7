namespace Pewter.Images;

/// <summary>How images and disks are kept and served.</summary>
public sealed record ImageServiceOptions
{
    /// <summary>
    /// The disk server's program; null: <c>pewter-blockd</c> beside this program, or what <c>PATH</c> has.
    /// </summary>
    public string? BlockdPath { get; init; }

    /// <summary>
    /// Where disks are served over NBD to other machines, such as <c>10.0.0.1:10809</c>; null: only on the Unix socket.
    /// </summary>
    public string? Nbd { get; init; }

    /// <summary>The directory of the certificates that NBD over TCP needs; null: no TLS.</summary>
    public string? NbdTls { get; init; }

    /// <summary>
    /// Where disks are served over iSCSI; null: on the loopback address, at a port that is chosen once and kept.
    /// </summary>
    public string? Iscsi { get; init; }

    /// <summary>A Ceph pool for disks that ask for it, <c>CEPH.CONF:POOL[:USER]</c>; null: none.</summary>
    public string? Rbd { get; init; }

    /// <summary>
    /// Bytes of disks and images that a user may have; null: no limit. A user's own quota goes before it.
    /// </summary>
    public long? QuotaBytes { get; init; }

    /// <summary>
    /// Called at every point where a crash would leave something half done: before and after each commit and each command. For tests.
    /// </summary>
    internal Func<string, ValueTask>? AtStep { get; init; }

    /// <summary>Limits other than the defaults.</summary>
    public ImageLimits Limits { get; init; } = new();
}
