using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Pewter.Linux.Users;
using Pewter.NineP;
using Pewter.NineP.Serving;

namespace Pewter.Node.Serving;

/// <summary>
/// Who may attach to an agent. A peer that its transport proved is that peer; root, and the agent's own user, may act for anybody by the
/// attach's user name, which is how a control plane asks as its users. A peer that nothing proved needs the token as its access name.
/// </summary>
/// <param name="root">The tree.</param>
/// <param name="token">The token; null when nobody can attach by one.</param>
public sealed class AgentAttachPoint(ServedFile root, string? token) : IAttachPoint
{
    /// <inheritdoc/>
    public ValueTask<Attachment> AttachAsync(AttachRequest request, CancellationToken cancellation)
    {
        var peer = request.Peer ?? ByToken(request.AccessName);
        return new(new Attachment(root, peer.IsAdmin && request.UserName is not ("" or "root") ? Named(request) : peer));
    }

    private Caller ByToken(string given)
    {
        var fits = token is not null
            && CryptographicOperations.FixedTimeEquals(Encoding.UTF8.GetBytes(token), Encoding.UTF8.GetBytes(given));
        return fits ? Caller.System : throw new FileException(Errno.EACCES, "This address needs the agent's token as the attach name.");
    }

    private static Caller Named(AttachRequest request)
    {
        var key = request.UserId?.ToString(CultureInfo.InvariantCulture) ?? request.UserName;
        var user = UserDatabase.Find(request.UserName) ?? UserDatabase.Find(key);
        return new Caller
        {
            User = request.UserName,
            Uid = user?.Id ?? request.UserId ?? uint.MaxValue,
            Gid = user?.Group ?? uint.MaxValue,
        };
    }
}
