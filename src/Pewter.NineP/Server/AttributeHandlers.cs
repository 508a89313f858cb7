using Pewter.NineP.Serving;
using Pewter.NineP.Wire;

namespace Pewter.NineP.Server;

/// <summary>Tgetattr, Tsetattr and Tstatfs of 9P2000.L (diod's protocol.md).</summary>
internal sealed class AttributeHandlers(Session session)
{
    // P9_GETATTR_BASIC: everything of stat(2). Birth time, generation and data version are not kept.
    private const ulong Basic = 0x7FF;
    private const uint BlockSize = 4096;
    private const uint V9fsMagic = 0x0102_1997;

    public async ValueTask GetAsync(Request request)
    {
        if (session.Fids.Use(request, request.Read<Tgetattr>().Fid) is not { } fid)
        {
            session.Replies.Error(request, Errno.EBADF);
            return;
        }

        var stat = await fid.File.StatAsync(fid.Caller, request.Token);
        session.Replies.Send(request, Encode(stat));
    }

    public async ValueTask SetAsync(Request request)
    {
        var (fid, change) = ReadChange(request);
        if (fid is null)
        {
            session.Replies.Error(request, Errno.EBADF);
            return;
        }

        if (change != default)
            await fid.File.ChangeStatAsync(change, fid.Caller, request.Token);
        session.Replies.Send(request, default(Rsetattr));
    }

    /// <summary>A synthetic tree has no blocks to count; df(1) and mounts only want an answer.</summary>
    public ValueTask FileSystem(Request request)
    {
        if (session.Fids.Use(request, request.Read<Tstatfs>().Fid) is null)
            session.Replies.Error(request, Errno.EBADF);
        else
            session.Replies.Send(request, new Rstatfs
            {
                FileSystemType = V9fsMagic,
                BlockSize = BlockSize,
                NameLength = (uint)session.Limits.NameLength,
            });
        return default;
    }

    private static Rgetattr Encode(in FileStat stat)
    {
        var time = stat.ModifiedAt - DateTimeOffset.UnixEpoch;
        var seconds = (ulong)Math.Max(0, time.Ticks / TimeSpan.TicksPerSecond);
        var nanoseconds = time.Ticks > 0 ? (ulong)(time.Ticks % TimeSpan.TicksPerSecond * 100) : 0;
        return new()
        {
            Valid = Basic,
            Qid = stat.Qid,
            Mode = stat.Mode,
            Uid = stat.Uid,
            Gid = stat.Gid,
            LinkCount = Math.Max(1, stat.LinkCount),
            Length = stat.Size,
            BlockSize = BlockSize,
            Blocks = (stat.Size / 512) + (stat.Size % 512 == 0 ? 0u : 1u),
            AccessSeconds = seconds,
            AccessNanoseconds = nanoseconds,
            ModifySeconds = seconds,
            ModifyNanoseconds = nanoseconds,
            ChangeSeconds = seconds,
            ChangeNanoseconds = nanoseconds,
        };
    }

    /// <summary>
    /// Reads what to change. Access and change times are not kept. A modification time of "now" beside a size is only the trace of a
    /// truncation: <c>echo x > ctl</c> sends it, and a file that allows the truncation must not have to know it.
    /// </summary>
    private (Fid? Fid, StatChange Change) ReadChange(Request request)
    {
        var message = request.Read<Tsetattr>();
        var valid = (SetAttributeMask)message.Valid;
        var change = new StatChange
        {
            Mode = valid.HasFlag(SetAttributeMask.Mode) ? message.Mode & 0xFFF : null,
            Uid = valid.HasFlag(SetAttributeMask.Uid) ? message.Uid : null,
            Gid = valid.HasFlag(SetAttributeMask.Gid) ? message.Gid : null,
            Size = valid.HasFlag(SetAttributeMask.Size) ? message.Length : null,
            ModifiedAt = ModifiedAt(valid, message.ModifySeconds, message.ModifyNanoseconds),
        };
        return (session.Fids.Use(request, message.Fid), change);
    }

    private DateTimeOffset? ModifiedAt(SetAttributeMask valid, ulong seconds, ulong nanoseconds)
    {
        if (!valid.HasFlag(SetAttributeMask.ModifyTime))
            return null;
        if (!valid.HasFlag(SetAttributeMask.ModifyTimeGiven))
            return valid.HasFlag(SetAttributeMask.Size) ? null : session.Setup.Time.GetUtcNow();
        var last = (ulong)DateTimeOffset.MaxValue.ToUnixTimeSeconds();
        return DateTimeOffset.UnixEpoch.AddSeconds(Math.Min(seconds, last)).AddTicks((long)Math.Min(nanoseconds, 999_999_999) / 100);
    }
}
