using Pewter.NineP.Serving;
using Pewter.NineP.Wire;

namespace Pewter.NineP.Server;

/// <summary>Topen, Tcreate, Tlopen and Tlcreate (open(5), diod's protocol.md).</summary>
internal sealed class OpenHandlers(Session session)
{
    private const uint PermissionBits = 0xFFF;

    public ValueTask OpenLinuxAsync(Request request)
    {
        var message = request.Read<Tlopen>();
        return OpenAsync(request, message.Fid, (OpenFlags)message.Flags & ~OpenFlags.RemoveOnClose);
    }

    public ValueTask OpenPlan9Async(Request request)
    {
        var message = request.Read<Topen>();
        return OpenAsync(request, message.Fid, OpenMode.ToFlags(message.Mode));
    }

    public async ValueTask CreateLinuxAsync(Request request)
    {
        var (fid, name, flags, mode) = ReadCreate(request);
        if (fid is null)
            return;
        var made = await ClaimAndRunAsync(fid, () => fid.File.CreateAsync(name, flags, mode, fid.Caller, request.Token));
        fid.Move(fid.View, made.File, name, fid.Depth + 1);
        fid.SetOpen(made, flags);
        session.Replies.Send(request, new Rlcreate { Qid = fid.File.Qid });
    }

    public async ValueTask CreatePlan9Async(Request request)
    {
        var (fid, name, flags, mode) = ReadCreate(request);
        if (fid is null)
            return;
        var made = await ClaimAndRunAsync(fid, () => MakeAsync(request, fid, name, flags, mode));
        fid.Move(fid.View, made.File, name, fid.Depth + 1);
        fid.SetOpen(made, flags);
        session.Replies.Send(request, new Rcreate { Qid = fid.File.Qid });
    }

    private static async ValueTask<OpenFile> MakeAsync(Request request, Fid fid, string name, OpenFlags flags, uint mode)
    {
        if ((mode & StatEntry.DirectoryMode) == 0)
            return await fid.File.CreateAsync(name, flags, mode & PermissionBits, fid.Caller, request.Token);
        var directory = await fid.File.MakeDirectoryAsync(name, mode & PermissionBits, fid.Caller, request.Token);
        return await directory.OpenAsync(flags, fid.Caller, request.Token);
    }

    private async ValueTask OpenAsync(Request request, uint number, OpenFlags flags)
    {
        var fid = session.Fids.Use(request, number);
        var error = fid is null ? Errno.EBADF : CheckOpen(fid, flags);
        if (error != Errno.None)
        {
            session.Replies.Error(request, error);
            return;
        }

        OpenFile open;
        try
        {
            open = await fid!.File.OpenAsync(flags, fid.Caller, request.Token);
        }
        catch
        {
            fid!.IsClaimed = false;
            throw;
        }

        fid.SetOpen(open, flags);
        if (request.Dialect == Dialect.NineP2000L)
            session.Replies.Send(request, new Rlopen { Qid = fid.File.Qid });
        else
            session.Replies.Send(request, new Ropen { Qid = fid.File.Qid });
    }

    private Errno CheckOpen(Fid fid, OpenFlags flags)
    {
        if (fid.IsDirectory && (flags.CanWrite() || (flags & OpenFlags.Truncate) != 0))
            return Errno.EISDIR;
        if (!fid.IsDirectory && (flags & OpenFlags.Directory) != 0)
            return Errno.ENOTDIR;
        return session.Fids.Claim(fid) ? Errno.None : Errno.EBUSY;
    }

    private async ValueTask<OpenFile> ClaimAndRunAsync(Fid fid, Func<ValueTask<OpenFile>> make)
    {
        if (!session.Fids.Claim(fid))
            throw new FileException(Errno.EBUSY, "The fid is open already.");
        try
        {
            return await make();
        }
        catch
        {
            fid.IsClaimed = false;
            throw;
        }
    }

    /// <summary>Validates a create in either dialect; answers an error and gives no fid when it is wrong.</summary>
    private (Fid? Fid, string Name, OpenFlags Flags, uint Mode) ReadCreate(Request request) =>
        request.Dialect == Dialect.NineP2000L ? ReadLinuxCreate(request) : ReadPlan9Create(request);

    private (Fid? Fid, string Name, OpenFlags Flags, uint Mode) ReadLinuxCreate(Request request)
    {
        var message = request.Read<Tlcreate>();
        var flags = ((OpenFlags)message.Flags & ~OpenFlags.RemoveOnClose) | OpenFlags.Create;
        var mode = message.Mode & PermissionBits;
        return (CheckCreate(request, message.Fid, message.Name, out var name), name, flags, mode);
    }

    private (Fid? Fid, string Name, OpenFlags Flags, uint Mode) ReadPlan9Create(Request request)
    {
        var message = request.Read<Tcreate>();
        var known = StatEntry.DirectoryMode | StatEntry.OrdinaryModeBits | PermissionBits;
        if ((message.Permissions & ~known) != 0)
            throw new FileException(Errno.EOPNOTSUPP, "Only plain files and directories can be created.");
        var flags = OpenMode.ToFlags(message.Mode) | OpenFlags.Create | OpenFlags.Exclusive;
        return (CheckCreate(request, message.Fid, message.Name, out var name), name, flags, message.Permissions);
    }

    private Fid? CheckCreate(Request request, uint number, ReadOnlySpan<byte> utf8, out string name)
    {
        name = "";
        var fid = session.Fids.Use(request, number);
        var error = fid is null ? Errno.EBADF : NameRule.Check(utf8, session.Limits.NameLength, dotsAllowed: false);
        if (error == Errno.None && !fid!.IsDirectory)
            error = Errno.ENOTDIR;
        if (error == Errno.None)
        {
            name = session.Names.Get(utf8);
            return fid;
        }

        session.Replies.Error(request, error);
        return null;
    }
}
