using Pewter.NineP.Serving;
using Pewter.NineP.Server;
using Pewter.NineP.Wire;

namespace Pewter.NineP.Client;

/// <summary>Attributes of a file on a server.</summary>
public static class NineAttributes
{
    private const ulong BasicMask = 0x7FF;

    /// <summary>Reads the attributes. Owners are numbers in 9P2000.L and names in 9P2000.</summary>
    public static async Task<FileStat> StatAsync(this NineFile file, CancellationToken cancellation = default)
    {
        using var call = await file.Client.Connection.EnterAsync(cancellation);
        if (file.Client.Dialect == Dialect.NineP2000L)
        {
            call.Send(new Tgetattr { Fid = file.Fid, Mask = BasicMask });
            await call.ReceiveAsync(cancellation);
            return Decode(call.Read<Rgetattr>());
        }

        call.Send(new Tstat { Fid = file.Fid });
        await call.ReceiveAsync(cancellation);
        var reader = new MessageReader(call.Read<Rstat>().Stat, Dialect.NineP2000);
        var entry = StatEntry.Read(ref reader);
        return reader.IsComplete ? ClientStat.Decode(entry) : throw file.Client.Connection.Distrust("A malformed Rstat.");
    }

    /// <summary>Changes attributes. Names of owners and a new name are for 9P2000 only, numbers of owners for 9P2000.L only.</summary>
    public static async Task ChangeStatAsync(this NineFile file, StatChange change, CancellationToken cancellation = default)
    {
        using var call = await file.Client.Connection.EnterAsync(cancellation);
        if (file.Client.Dialect == Dialect.NineP2000L)
            call.Send(Encode(file.Fid, change));
        else
            call.Send(new Twstat { Fid = file.Fid, Stat = ClientStat.Encode(change) });
        await call.ReceiveAsync(cancellation);
    }

    private static FileStat Decode(in Rgetattr answer) => new()
    {
        Qid = answer.Qid,
        Mode = answer.Mode,
        Uid = answer.Uid,
        Gid = answer.Gid,
        User = "",
        Group = "",
        Size = answer.Length,
        LinkCount = (uint)Math.Min(answer.LinkCount, uint.MaxValue),
        ModifiedAt = Time(answer.ModifySeconds, answer.ModifyNanoseconds),
    };

    private static DateTimeOffset Time(ulong seconds, ulong nanoseconds)
    {
        var last = (ulong)DateTimeOffset.MaxValue.ToUnixTimeSeconds();
        return DateTimeOffset.UnixEpoch.AddSeconds(Math.Min(seconds, last)).AddTicks((long)(nanoseconds % 1_000_000_000) / 100);
    }

    private static Tsetattr Encode(uint fid, in StatChange change)
    {
        var valid = change.Mode is null ? 0 : SetAttributeMask.Mode;
        valid |= change.Uid is null ? 0 : SetAttributeMask.Uid;
        valid |= change.Gid is null ? 0 : SetAttributeMask.Gid;
        valid |= change.Size is null ? 0 : SetAttributeMask.Size;
        valid |= change.ModifiedAt is null ? 0 : SetAttributeMask.ModifyTime | SetAttributeMask.ModifyTimeGiven;
        var time = (change.ModifiedAt ?? DateTimeOffset.UnixEpoch) - DateTimeOffset.UnixEpoch;
        return new Tsetattr
        {
            Fid = fid,
            Valid = (uint)valid,
            Mode = change.Mode ?? 0,
            Uid = change.Uid ?? 0,
            Gid = change.Gid ?? 0,
            Length = change.Size ?? 0,
            ModifySeconds = (ulong)Math.Max(0, time.Ticks / TimeSpan.TicksPerSecond),
            ModifyNanoseconds = (ulong)Math.Max(0, time.Ticks % TimeSpan.TicksPerSecond * 100),
        };
    }
}
