using Pewter.NineP.Wire;

namespace Pewter.NineP.Server;

/// <summary>
/// Sends each request to the handler of its family, and answers for it when that fails. A handler validates, waits for the file, commits to the
/// fid table and answers, in this order.
/// </summary>
internal sealed class Dispatcher(Session session)
{
    private readonly AttachHandlers _attach = new(session);
    private readonly FidHandlers _fids = new(session);
    private readonly OpenHandlers _open = new(session);
    private readonly ReadHandlers _read = new(session);
    private readonly WriteHandlers _write = new(session);
    private readonly AttributeHandlers _attributes = new(session);
    private readonly StatHandlers _stat = new(session);
    private readonly DirectoryHandlers _directories = new(session);

    /// <summary>Handles a request to its end. What it throws is a broken message or a bug.</summary>
    public async ValueTask RunAsync(Request request)
    {
        try
        {
            await DispatchAsync(request);
        }
        catch (FileException failure)
        {
            session.Replies.Error(request, failure.Errno);
        }
        catch (OperationCanceledException)
        {
            AnswerCancelled(request);
        }
        finally
        {
            session.Fids.Release(request);
            request.ReturnBuffer();
        }
    }

    /// <summary>A flushed request is not answered; one whose fid was clunked, or which its file gave up, is.</summary>
    private void AnswerCancelled(Request request)
    {
        if (request.Cancelled >= CancelReason.Flushed)
            session.Replies.Drop(request);
        else
            session.Replies.Error(request, Errno.EINTR);
    }

    private ValueTask DispatchAsync(Request request)
    {
        if (request.Type == MessageType.Tflush)
            return Flush(request);
        if (session.Requests.IsFull && request.Type != MessageType.Tclunk)
            return Refuse(request, Errno.EAGAIN);
        return request.Type switch
        {
            MessageType.Tauth => _attach.Auth(request),
            MessageType.Tattach => _attach.AttachAsync(request),
            MessageType.Twalk => _fids.WalkAsync(request),
            MessageType.Tclunk => _fids.ClunkAsync(request),
            MessageType.Tremove => _fids.RemoveAsync(request),
            MessageType.Tread => _read.ReadAsync(request),
            MessageType.Twrite => _write.WriteAsync(request),
            _ => request.Dialect == Dialect.NineP2000L ? DispatchLinux(request) : DispatchPlan9(request),
        };
    }

    private ValueTask DispatchLinux(Request request) => request.Type switch
    {
        MessageType.Tgetattr => _attributes.GetAsync(request),
        MessageType.Tsetattr => _attributes.SetAsync(request),
        MessageType.Tstatfs => _attributes.FileSystem(request),
        MessageType.Tlopen => _open.OpenLinuxAsync(request),
        MessageType.Tlcreate => _open.CreateLinuxAsync(request),
        MessageType.Treaddir => _directories.ReadAsync(request),
        MessageType.Tmkdir => _directories.MakeDirectoryAsync(request),
        MessageType.Tsymlink => _directories.SymlinkAsync(request),
        MessageType.Treadlink => _directories.ReadLinkAsync(request),
        MessageType.Tunlinkat => _directories.UnlinkAsync(request),
        MessageType.Trename => _directories.RenameAsync(request),
        MessageType.Trenameat => _directories.RenameAtAsync(request),
        MessageType.Tfsync => _write.SyncAsync(request),
        _ => Refuse(request, Errno.EOPNOTSUPP),
    };

    private ValueTask DispatchPlan9(Request request) => request.Type switch
    {
        MessageType.Topen => _open.OpenPlan9Async(request),
        MessageType.Tcreate => _open.CreatePlan9Async(request),
        MessageType.Tstat => _stat.GetAsync(request),
        MessageType.Twstat => _stat.SetAsync(request),
        _ => Refuse(request, Errno.EOPNOTSUPP),
    };

    private ValueTask Flush(Request request)
    {
        session.Requests.Flush(request.Tag, request.Read<Tflush>().OldTag);
        return default;
    }

    /// <summary>
    /// Locks, hard links, device nodes and extended attributes, replies sent to a server, and types that nobody knows: answered, never a
    /// reason to disconnect; Linux falls back or hands the errno to the program.
    /// </summary>
    private ValueTask Refuse(Request request, Errno errno)
    {
        session.Replies.Error(request, errno);
        return default;
    }
}
