using Pewter.NineP.Serving;
using Pewter.NineP.Wire;

namespace Pewter.NineP.Server;

/// <summary>Twalk, Tclunk and Tremove (walk(5), clunk(5), remove(5)).</summary>
internal sealed class FidHandlers(Session session)
{
    /// <summary>
    /// Descends by up to 16 names. A first name that fails is an error; a later one gives the qids so far and makes no fid. "." stays where it
    /// is and ".." goes to the parent, never above the attached root. Walking from an open directory is allowed, as real clients do it.
    /// </summary>
    public async ValueTask WalkAsync(Request request)
    {
        var (number, count, error) = ReadWalk(request);
        if (error != Errno.None)
        {
            session.Replies.Error(request, error);
            return;
        }

        var fid = request.Fid!;
        var (view, file, name, depth) = (fid.View, fid.File, fid.Name, fid.Depth);
        var done = 0;
        while (done < count)
        {
            var next = await StepAsync(request, view, file, request.Names[done]);
            if (next is null)
                break;
            (file, name, depth) = Arrive(view, file, next, request.Names[done], name, depth);
            WriteQid(request, done++, file.Qid);
            if (depth > session.Limits.Depth)
                throw new FileException(Errno.ENAMETOOLONG, $"More than {session.Limits.Depth} elements deep.");
        }

        if (done < count)
            AnswerShort(request, done);
        else
            Commit(request, fid, number, view, file, name, depth, done);
    }

    /// <summary>
    /// Lets go of a fid, whatever is going on with it: requests on it are cancelled first, then the open ends, then the answer says that it has.
    /// </summary>
    public async ValueTask ClunkAsync(Request request)
    {
        if (session.Fids.Use(request, request.Read<Tclunk>().Fid) is not { } fid)
        {
            session.Replies.Error(request, Errno.EBADF);
            return;
        }

        await ReleaseAsync(request, fid);
        await fid.CloseAsync();
        session.Fids.Recycle(request);
        session.Replies.Send(request, default(Rclunk));
    }

    /// <summary>Removes the file; the fid is clunked even when that fails.</summary>
    public async ValueTask RemoveAsync(Request request)
    {
        if (session.Fids.Use(request, request.Read<Tremove>().Fid) is not { } fid)
        {
            session.Replies.Error(request, Errno.EBADF);
            return;
        }

        await ReleaseAsync(request, fid);
        try
        {
            await fid.File.RemoveAsync(fid.Caller, request.Token);
        }
        finally
        {
            fid.ForgetRemoveOnClose();
            await fid.CloseAsync();
        }

        session.Replies.Send(request, default(Rremove));
    }

    private async ValueTask ReleaseAsync(Request request, Fid fid)
    {
        if (session.Fids.Remove(fid) is not { } lastUserGone)
            return;
        session.Requests.CancelUsers(fid, request);
        await lastUserGone;
    }

    /// <summary>Takes the names off the wire, all judged before the first is walked.</summary>
    private (uint NewFid, int Count, Errno Error) ReadWalk(Request request)
    {
        var message = request.Read<Twalk>();
        if (session.Fids.Use(request, message.Fid) is not { } fid)
            return (0, 0, Errno.EBADF);
        if (message.NewFid != message.Fid && session.Fids.Contains(message.NewFid))
            return (0, 0, Errno.EBADF);
        if (fid.IsClaimed && (message.NewFid == message.Fid || !fid.IsDirectory))
            return (0, 0, Errno.EBUSY);
        var count = 0;
        foreach (var name in message.Names)
        {
            var error = NameRule.Check(name, session.Limits.NameLength, dotsAllowed: true);
            if (error != Errno.None)
                return (0, 0, error);
            request.Names[count++] = session.Names.Get(name);
        }

        return (message.NewFid, count, Errno.None);
    }

    private static ValueTask<ServedFile?> StepAsync(Request request, AttachView view, ServedFile file, string name)
    {
        if ((file.Qid.Type & (QidType.Directory | QidType.Symlink)) == 0)
            throw new FileException(Errno.ENOTDIR, "Not a directory.");
        return name switch
        {
            "." => new(file),
            ".." => new(view.IsRoot(file) ? file : file.Parent ?? file),
            _ => file.WalkAsync(name, view.Caller, request.Token),
        };
    }

    private static (ServedFile File, string Name, int Depth) Arrive(
        AttachView view, ServedFile from, ServedFile to, string step, string name, int depth) => step switch
    {
        "." => (to, name, depth),
        ".." => view.IsRoot(from) ? (to, "", 0) : (to, "", Math.Max(0, depth - 1)),
        _ => (to, step, depth + 1),
    };

    private static void WriteQid(Request request, int index, Qid qid) =>
        new MessageWriter(request.Qids.AsSpan(index * Qid.Size), request.Dialect).WriteQid(qid);

    private void AnswerShort(Request request, int done)
    {
        if (done == 0)
            session.Replies.Error(request, Errno.ENOENT);
        else
            Answer(request, done);
    }

    private void Commit(
        Request request, Fid fid, uint newFid, AttachView view, ServedFile file, string name, int depth, int done)
    {
        var error = Errno.None;
        if (newFid == fid.Number)
            fid.Move(view, file, name, depth);
        else
            error = session.Fids.Add(newFid, view, file, name, depth);
        if (error == Errno.None)
            Answer(request, done);
        else
            session.Replies.Error(request, error);
    }

    private void Answer(Request request, int done) =>
        session.Replies.Send(request, new Rwalk { Qids = new QidList(request.Qids.AsSpan(0, done * Qid.Size)) });
}
