using Pewter.NineP.Serving;
using Pewter.NineP.Wire;

namespace Pewter.NineP.Server;

/// <summary>Twrite and Tfsync (read(5), diod's protocol.md).</summary>
internal sealed class WriteHandlers(Session session)
{
    public async ValueTask WriteAsync(Request request)
    {
        var (offset, data, error) = ReadWrite(request);
        if (error != Errno.None)
        {
            session.Replies.Error(request, error);
            return;
        }

        var count = await request.Fid!.Open!.WriteAsync(offset, data, request.Token);
        session.Replies.Send(request, new Rwrite { Count = (uint)count });
    }

    public async ValueTask SyncAsync(Request request)
    {
        if (session.Fids.Use(request, request.Read<Tfsync>().Fid)?.Open is not { } open)
        {
            session.Replies.Error(request, Errno.EBADF);
            return;
        }

        await open.SyncAsync(request.Token);
        session.Replies.Send(request, default(Rfsync));
    }

    /// <summary>Copies the data out of the receive buffer, which the write may outlive. At the limit of memory only a part is accepted.</summary>
    private (ulong Offset, ReadOnlyMemory<byte> Data, Errno Error) ReadWrite(Request request)
    {
        var message = request.Read<Twrite>();
        var fid = session.Fids.Use(request, message.Fid);
        if (fid?.Open is null || !fid.Flags.CanWrite())
            return (0, default, Errno.EBADF);
        if (message.Offset > long.MaxValue)
            return (0, default, Errno.EFBIG);
        var buffer = request.Rent(session.Requests.Budget(request, message.Data.Length));
        message.Data[..buffer.Length].CopyTo(buffer.Span);
        return (message.Offset, buffer, Errno.None);
    }
}
