using Pewter.NineP.Serving;
using Pewter.NineP.Wire;

namespace Pewter.NineP.Server;

/// <summary>Tread (read(5)): files in both dialects, directories in 9P2000.</summary>
internal sealed class ReadHandlers(Session session)
{
    private readonly StatDirectoryReader _directories = new(session);

    public ValueTask ReadAsync(Request request)
    {
        var message = request.Read<Tread>();
        var fid = session.Fids.Use(request, message.Fid);
        var count = (int)Math.Min(message.Count, (uint)session.Replies.MaxData);
        if (fid?.Open is not { } open || !fid.Flags.CanRead())
            return Fail(request, Errno.EBADF);
        if (fid.IsDirectory)
            return request.Dialect == Dialect.NineP2000L
                ? Fail(request, Errno.EISDIR)
                : _directories.ReadAsync(request, fid, open, message.Offset, count);
        if (message.Offset > long.MaxValue)
            return Fail(request, Errno.EOVERFLOW);
        return TryReadAtOnce(request, fid, open, message.Offset, count)
            ? default
            : ReadWaitingAsync(request, fid, open, message.Offset, count);
    }

    /// <summary>The fast path: what the file has is read straight into the reply.</summary>
    private bool TryReadAtOnce(Request request, Fid fid, OpenFile open, ulong offset, int count)
    {
        if (!session.Replies.TryReserveRead(request, count, out var frame))
            return false;
        var got = -1;
        try
        {
            if (open.TryRead(offset, frame[Replies.ReadHeader..], out var read))
                got = read;
        }
        finally
        {
            if (got < 0)
                session.Replies.CancelRead();
        }

        if (got < 0)
            return false;
        if (fid.View.Stream)
            fid.LastRead = new ReadPosition(offset, count, got);
        session.Replies.CommitRead(request, frame, got);
        return true;
    }

    private async ValueTask ReadWaitingAsync(Request request, Fid fid, OpenFile open, ulong offset, int count)
    {
        var buffer = request.Rent(session.Requests.Budget(request, count));
        var got = fid.View.Stream && fid.LastRead.IsContinuedBy(offset, count)
            ? await ReadBrieflyAsync(request, open, offset, buffer)
            : await open.ReadAsync(offset, buffer, request.Token);
        if (fid.View.Stream)
            fid.LastRead = new ReadPosition(offset, count, got);
        session.Replies.Send(request, new Rread { Data = buffer.Span[..got] });
    }

    /// <summary>Waits a moment for data and then says that there is none, which ends the program's read(2) with what it has.</summary>
    private async ValueTask<int> ReadBrieflyAsync(Request request, OpenFile open, ulong offset, Memory<byte> buffer)
    {
        using var grace = new CancellationTokenSource(session.Limits.StreamGrace, session.Setup.Time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(request.Token, grace.Token);
        try
        {
            return await open.ReadAsync(offset, buffer, either.Token);
        }
        catch (OperationCanceledException) when (!request.Token.IsCancellationRequested)
        {
            return 0;
        }
    }

    private ValueTask Fail(Request request, Errno errno)
    {
        session.Replies.Error(request, errno);
        return default;
    }
}
