using System.Text;
using Pewter.NineP.Serving;
using Pewter.NineP.Wire;

namespace Pewter.NineP.Server;

/// <summary>Tstat and Twstat of 9P2000 (stat(5)).</summary>
internal sealed class StatHandlers(Session session)
{
    private const uint Untouched32 = uint.MaxValue;
    private const ulong Untouched64 = ulong.MaxValue;
    private const int MaxEntry = 4096;

    public async ValueTask GetAsync(Request request)
    {
        if (session.Fids.Use(request, request.Read<Tstat>().Fid) is not { } fid)
        {
            session.Replies.Error(request, Errno.EBADF);
            return;
        }

        var stat = await fid.File.StatAsync(fid.Caller, request.Token);
        var room = request.Rent(MaxEntry);
        var size = StatEncoding.TryWrite(room.Span, fid.Name, stat);
        if (size < 0)
            session.Replies.Error(request, Errno.EMSGSIZE);
        else
            session.Replies.Send(request, new Rstat { Stat = room.Span[..size] });
    }

    /// <summary>Changes what is not marked "leave it"; a Twstat that leaves all is a request to make the file durable.</summary>
    public async ValueTask SetAsync(Request request)
    {
        var (fid, change, error) = ReadChange(request);
        if (error != Errno.None)
        {
            session.Replies.Error(request, error);
            return;
        }

        if (change == default && fid!.Open is { } open)
            await open.SyncAsync(request.Token);
        else if (change != default)
            await fid!.File.ChangeStatAsync(change, fid.Caller, request.Token);
        session.Replies.Send(request, default(Rwstat));
    }

    private (Fid? Fid, StatChange Change, Errno Error) ReadChange(Request request)
    {
        var message = request.Read<Twstat>();
        var fid = session.Fids.Use(request, message.Fid);
        if (fid is null)
            return (null, default, Errno.EBADF);
        var reader = new MessageReader(message.Stat, Dialect.NineP2000);
        var entry = StatEntry.Read(ref reader);
        if (!reader.IsComplete)
            throw new ProtocolException("A malformed stat entry in Twstat.");
        var name = NameOf(entry.Name);
        var error = name is null ? Errno.None : NameRule.Check(entry.Name, session.Limits.NameLength, dotsAllowed: false);
        return (fid, ChangeOf(entry, name), error);
    }

    private static StatChange ChangeOf(in StatEntry entry, string? name) => new()
    {
        Mode = entry.Mode == Untouched32 ? null : entry.Mode & 0xFFF,
        Size = entry.Length == Untouched64 ? null : entry.Length,
        ModifiedAt = entry.ModifySeconds == Untouched32 ? null : DateTimeOffset.FromUnixTimeSeconds(entry.ModifySeconds),
        User = NameOf(entry.User),
        Group = NameOf(entry.Group),
        Name = name,
    };

    private static string? NameOf(ReadOnlySpan<byte> utf8) => utf8.IsEmpty ? null : Encoding.UTF8.GetString(utf8);
}
