using Pewter.NineP;
using Pewter.NineP.Serving;
using Pewter.Tree;

namespace Pewter.Peers.Links;

/// <summary>
/// <c>/peer/join</c>: where a child's connection turns around. The child opens it, writes its <see cref="JoinHello"/>, reads the <see
/// cref="JoinReply"/>, and
/// then serves 9P to this daemon over the same open. Admitted are administrators, and members of the group <c>peer</c>, or
/// <c>peer:NAME</c> for one name.
/// </summary>
internal sealed class JoinFile(PeerTable table) : TreeFile(QidType.File, UnixMode.Octal(666))
{
    private const string Group = "peer";

    /// <summary>Whether a caller may join under a name; null asks for any name at all.</summary>
    public static bool MayJoin(Caller caller, string? name) => caller.MayWrite && (caller.IsAdmin
        || caller.Groups.Contains(Group)
        || caller.Groups.Any(group => name is null ? group.StartsWith(Group + ":", StringComparison.Ordinal) : group == $"{Group}:{name}"));

    protected override ValueTask<OpenFile> OpenCoreAsync(OpenFlags flags, Caller caller, CancellationToken cancellation) =>
        MayJoin(caller, null)
            ? new(new JoinOpen(this, table, caller))
            : throw new FileException(Errno.EACCES, $"{caller.User} may not join: give it a token or certificate with the group '{Group}'.");
}
