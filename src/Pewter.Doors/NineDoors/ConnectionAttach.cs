using Pewter.Doors.Identity;
using Pewter.NineP;
using Pewter.NineP.Serving;

namespace Pewter.Doors.NineDoors;

/// <summary>
/// Admits the attaches of one connection. A token, where one is given, is what counts; else what the transport proved. The claimed user name
/// proves nothing; a claimed number is believed of local root alone, who could become that user anyway.
/// </summary>
internal sealed class ConnectionAttach(DoorContext context, ConnectionPeer peer, ConnectionLife life) : IAttachPoint
{
    private readonly TreeWalker _walker = new(context.Root);

    public async ValueTask<Attachment> AttachAsync(AttachRequest request, CancellationToken cancellation)
    {
        var name = AccessName.Parse(request.AccessName);
        var (caller, prefix) = Identify(name, request.UserId);
        var scope = await _walker.ResolveScopeAsync(prefix, cancellation);
        var path = name.Path is "" or "/" ? prefix : name.Path;
        var found = await _walker.FindAsync(path, caller, scope, cancellation);
        return new Attachment(found.File, caller);
    }

    private (Caller Caller, string Prefix) Identify(AccessName name, uint? claimedUser)
    {
        if (name.Token is { } words)
        {
            var token = context.Tokens.Verify(words)
                ?? throw new FileException(Errno.EACCES, "The token is unknown, revoked or has expired.");
            life.DependOn(token.Ended);
            return (token.Grant.ToCaller(), token.Grant.PathPrefix);
        }

        if (peer.Caller is null)
            throw new FileException(Errno.EACCES, "Attach with a token (`token=…` in the access name) or connect with a client certificate.");
        return peer.MayActForOthers && claimedUser is { } user and not 0
            ? (context.Locals.Find(user), "/")
            : (peer.Caller, "/");
    }
}
