using Pewter.NineP;
using Pewter.NineP.Serving;

namespace Pewter.Testing.Serving;

/// <summary>What the files of the test tree share: a qid, an owner and modes that are enforced.</summary>
public abstract class MemoryFile : ServedFile
{
    protected const uint Execute = 1;
    protected const uint WriteRight = 2;
    protected const uint ReadRight = 4;
    private static ulong s_lastPath;

    protected MemoryFile(QidType type, uint version = 0) =>
        Qid = new Qid(type, version, Interlocked.Increment(ref s_lastPath));

    public override Qid Qid { get; }

    public string Owner { get; set; } = "root";

    public string Group { get; set; } = "root";

    public uint OwnerNumber { get; set; }

    public uint Mode { get; set; } = 0x1A4;

    public DateTimeOffset ModifiedAt { get; set; } = DateTimeOffset.UnixEpoch.AddYears(50);

    public MemoryDirectory? Directory { get; set; }

    public override ServedFile? Parent => Directory;

    protected virtual ulong Size => 0;

    public override ValueTask<FileStat> StatAsync(Caller caller, CancellationToken cancellation) => new(new FileStat
    {
        Qid = Qid,
        Mode = Mode | (Qid.Type switch { QidType.Directory => 0x4000u, QidType.Symlink => 0xA000u, _ => 0x8000u }),
        User = Owner,
        Uid = OwnerNumber,
        Group = Group,
        Size = Size,
        LinkCount = 1,
        ModifiedAt = ModifiedAt,
    });

    public override ValueTask ChangeStatAsync(StatChange changes, Caller caller, CancellationToken cancellation)
    {
        Demand(caller, WriteRight);
        Mode = changes.Mode ?? Mode;
        ModifiedAt = changes.ModifiedAt ?? ModifiedAt;
        return ValueTask.CompletedTask;
    }

    protected void Demand(Caller caller, uint rights)
    {
        if ((rights & WriteRight) != 0 && !caller.MayWrite)
            throw new FileException(Errno.EROFS, "The caller may only read.");
        var granted = caller.IsAdmin ? 7 : caller.User == Owner ? Mode >> 6 : caller.Groups.Contains(Group) ? Mode >> 3 : Mode;
        if ((granted & rights) != rights)
            throw new FileException(Errno.EACCES, $"{caller.User} may not do this.");
    }

    protected void Demand(Caller caller, OpenFlags flags) =>
        Demand(caller, (flags.CanRead() ? ReadRight : 0) | (flags.CanWrite() ? WriteRight : 0));
}
