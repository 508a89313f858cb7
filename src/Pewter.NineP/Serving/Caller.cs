namespace Pewter.NineP.Serving;

/// <summary>
/// Who is asking, as the transport proved it: peer credentials, a certificate or a token; never the <c>uname</c> a client claims.
/// Immutable, one an attach.
/// </summary>
public sealed record Caller
{
    /// <summary>The daemon itself: may do everything.</summary>
    public static Caller System { get; } = new() { User = "root", Uid = 0, Gid = 0, IsAdmin = true };

    /// <summary>The user's name; owners of files are compared by it.</summary>
    public required string User { get; init; }

    /// <summary>The user's number on this machine; <see cref="uint.MaxValue"/> when there is none.</summary>
    public uint Uid { get; init; } = uint.MaxValue;

    /// <summary>The primary group's number; <see cref="uint.MaxValue"/> when there is none.</summary>
    public uint Gid { get; init; } = uint.MaxValue;

    /// <summary>Names of the groups (tenants) the user belongs to.</summary>
    public IReadOnlyList<string> Groups { get; init; } = [];

    /// <summary>May pass every permission check: uid 0 on the local socket, or an admin token.</summary>
    public bool IsAdmin { get; init; }

    /// <summary>False for a read-only token: every write is <see cref="Errno.EROFS"/>, whatever the modes say.</summary>
    public bool MayWrite { get; init; } = true;
}
