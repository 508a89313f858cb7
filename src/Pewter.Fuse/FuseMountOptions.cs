using Pewter.Linux.Fuse;
using Pewter.NineP.Serving;

namespace Pewter.Fuse;

/// <summary>How a tree is mounted and for whom.</summary>
public sealed record FuseMountOptions
{
    /// <summary>
    /// Who a request is made by, from the uid and gid of the process that makes it, as the kernel states them. A mount of one person's session
    /// answers with that session's caller whatever the numbers.
    /// </summary>
    public required Func<uint, uint, Caller> CallerOf { get; init; }

    /// <summary>How the mount itself is made.</summary>
    public FuseDeviceOptions Device { get; init; } = new();

    /// <summary>
    /// How long the kernel may trust a name and its attributes without asking. Zero: a synthetic tree changes at any moment, and whatever a
    /// shell sees is then what is there.
    /// </summary>
    public TimeSpan CacheFor { get; init; } = TimeSpan.Zero;

    /// <summary>
    /// How long an open that has asked where the end is (<c>tail -f</c>, <c>less</c>) waits for more before it is told "end of file, for
    /// now". Long enough for an answer of a peer on another continent.
    /// </summary>
    public TimeSpan TailPatience { get; init; } = TimeSpan.FromMilliseconds(300);

    /// <summary>The clock of patience and of <c>touch</c>.</summary>
    public TimeProvider Time { get; init; } = TimeProvider.System;

    /// <summary>Is told of failures that are bugs: the request got EIO. Called from any thread.</summary>
    public Action<Exception>? OnFault { get; init; }
}
