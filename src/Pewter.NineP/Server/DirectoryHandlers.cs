using System.Text;
using Pewter.NineP.Wire;

namespace Pewter.NineP.Server;

/// <summary>Treaddir and the changes of directories in 9P2000.L (diod's protocol.md).</summary>
internal sealed class DirectoryHandlers(Session session)
{
    private const int MaxTarget = 4096;

    public async ValueTask ReadAsync(Request request)
    {
        var (offset, count) = ReadRange(request);
        if (request.Fid?.Open is not { } open)
            throw new FileException(Errno.EBADF, "The fid is not open.");
        if (!request.Fid.IsDirectory)
            throw new FileException(Errno.ENOTDIR, "Not a directory.");
        var buffer = request.Rent(session.Requests.Budget(request, count));
        request.Page.Start(buffer);
        await open.ReadDirectoryAsync(offset, request.Page, request.Token);
        if (request.Page is { Length: 0, IsFull: true })
            throw new FileException(Errno.EINVAL, "The count is too small for the next entry.");
        session.Replies.Send(request, new Rreaddir { Data = buffer.Span[..request.Page.Length] });
    }

    public async ValueTask MakeDirectoryAsync(Request request)
    {
        var (name, mode) = ReadMakeDirectory(request);
        var fid = request.Fid!;
        var made = await fid.File.MakeDirectoryAsync(name, mode, fid.Caller, request.Token);
        session.Replies.Send(request, new Rmkdir { Qid = made.Qid });
    }

    public async ValueTask SymlinkAsync(Request request)
    {
        var (name, target) = ReadSymlink(request);
        var fid = request.Fid!;
        var made = await fid.File.SymlinkAsync(name, target, fid.Caller, request.Token);
        session.Replies.Send(request, new Rsymlink { Qid = made.Qid });
    }

    public async ValueTask ReadLinkAsync(Request request)
    {
        var fid = Require(session.Fids.Use(request, request.Read<Treadlink>().Fid));
        var target = await fid.File.ReadLinkAsync(fid.Caller, request.Token);
        session.Replies.Send(request, new Rreadlink { Target = Encoding.UTF8.GetBytes(target) });
    }

    public async ValueTask UnlinkAsync(Request request)
    {
        var (name, directory) = ReadUnlink(request);
        var fid = request.Fid!;
        await fid.File.UnlinkAsync(name, directory, fid.Caller, request.Token);
        session.Replies.Send(request, default(Runlinkat));
    }

    /// <summary>Trename knows the file only by its fid, so its directory is the file's parent and its name the one it was walked by.</summary>
    public async ValueTask RenameAsync(Request request)
    {
        var newName = ReadRename(request);
        var (fid, target) = (request.Fid!, request.OtherFid!);
        if (fid.Name.Length == 0 || fid.File.Parent is not { } parent)
            throw new FileException(Errno.EBUSY, "A root cannot be renamed.");
        await parent.RenameAsync(fid.Name, target.File, newName, fid.Caller, request.Token);
        session.Replies.Send(request, default(Rrename));
    }

    public async ValueTask RenameAtAsync(Request request)
    {
        var (name, newName) = ReadRenameAt(request);
        var (from, to) = (request.Fid!, request.OtherFid!);
        await from.File.RenameAsync(name, to.File, newName, from.Caller, request.Token);
        session.Replies.Send(request, default(Rrenameat));
    }

    private static Fid Require(Fid? fid) => fid ?? throw new FileException(Errno.EBADF, "Unknown fid.");

    private (ulong Offset, int Count) ReadRange(Request request)
    {
        var message = request.Read<Treaddir>();
        session.Fids.Use(request, message.Fid);
        return (message.Offset, (int)Math.Min(message.Count, (uint)session.Replies.MaxData));
    }

    private (string Name, uint Mode) ReadMakeDirectory(Request request)
    {
        var message = request.Read<Tmkdir>();
        Require(session.Fids.Use(request, message.Directory));
        return (CheckName(message.Name), message.Mode & 0xFFF);
    }

    private (string Name, string Target) ReadSymlink(Request request)
    {
        var message = request.Read<Tsymlink>();
        Require(session.Fids.Use(request, message.Directory));
        if (message.Target.IsEmpty || message.Target.Length > MaxTarget || message.Target.Contains((byte)0))
            throw new FileException(Errno.EINVAL, "Not a target for a link.");
        return (CheckName(message.Name), Encoding.UTF8.GetString(message.Target));
    }

    private (string Name, bool Directory) ReadUnlink(Request request)
    {
        var message = request.Read<Tunlinkat>();
        Require(session.Fids.Use(request, message.Directory));
        if ((message.Flags & ~Protocol.RemoveDirectory) != 0)
            throw new FileException(Errno.EINVAL, "Unknown flags.");
        return (CheckName(message.Name), message.Flags != 0);
    }

    private string ReadRename(Request request)
    {
        var message = request.Read<Trename>();
        Require(session.Fids.Use(request, message.Fid));
        Require(session.Fids.UseOther(request, message.Directory));
        return CheckName(message.Name);
    }

    private (string Name, string NewName) ReadRenameAt(Request request)
    {
        var message = request.Read<Trenameat>();
        Require(session.Fids.Use(request, message.OldDirectory));
        Require(session.Fids.UseOther(request, message.NewDirectory));
        return (CheckName(message.OldName), CheckName(message.NewName));
    }

    private string CheckName(ReadOnlySpan<byte> name)
    {
        var error = NameRule.Check(name, session.Limits.NameLength, dotsAllowed: false);
        return error == Errno.None ? session.Names.Get(name) : throw new FileException(error, "Not a name for a file.");
    }
}
