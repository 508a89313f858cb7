using Pewter.NineP.Serving;

namespace Pewter.Peers.Identity;

/// <summary>
/// Admits the attaches of the parent, each for one of its callers. The connection is the one that this daemon dialled, so it is the
/// parent's.
/// </summary>
internal sealed class ParentAttach(ServedFile root, string parent, PeerTrust trust) : IAttachPoint
{
    public ValueTask<Attachment> AttachAsync(AttachRequest request, CancellationToken cancellation)
    {
        var told = ForwardedCaller.Read(request.UserName, request.AccessName);
        return new(new Attachment(root, ForwardedCaller.Admit(told, parent, trust)));
    }
}
