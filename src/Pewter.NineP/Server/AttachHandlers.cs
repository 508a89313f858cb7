using System.Text;
using Pewter.NineP.Serving;
using Pewter.NineP.Wire;

namespace Pewter.NineP.Server;

/// <summary>Tauth and Tattach (attach(5)).</summary>
internal sealed class AttachHandlers(Session session)
{
    /// <summary>
    /// Identity is the transport's, or a token's in the aname, so no authentication file exists. ENOENT is what libnpclient of diod takes for
    /// "none needed"; the kernel never asks.
    /// </summary>
    public ValueTask Auth(Request request)
    {
        request.Read<Tauth>();
        session.Replies.Error(request, Errno.ENOENT);
        return default;
    }

    public async ValueTask AttachAsync(Request request)
    {
        var (fid, name, ask) = Read(request);
        if (ask is null)
        {
            session.Replies.Error(request, Errno.EINVAL);
            return;
        }

        if (session.Fids.Contains(fid))
        {
            session.Replies.Error(request, Errno.EBADF);
            return;
        }

        var attachment = await session.Setup.AttachPoint.AttachAsync(ask, request.Token);
        var view = new AttachView(attachment.Root, attachment.Caller, name.Stream);
        var error = session.Fids.Add(fid, view, attachment.Root, "", 0);
        if (error == Errno.None)
            session.Replies.Send(request, new Rattach { Qid = attachment.Root.Qid });
        else
            session.Replies.Error(request, error);
    }

    private (uint Fid, AttachName Name, AttachRequest? Ask) Read(Request request)
    {
        var message = request.Read<Tattach>();
        var name = AttachName.Parse(Encoding.UTF8.GetString(message.AccessName));
        if (message.AuthFid != Protocol.NoFid)
            return (message.Fid, name, null);
        uint? userId = message.UserId == Protocol.NoUserId ? null : message.UserId;
        var userName = Encoding.UTF8.GetString(message.UserName);
        return (message.Fid, name, new AttachRequest(session.Setup.Peer, userName, userId, name.AccessName));
    }
}
