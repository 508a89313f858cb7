using Pewter.NineP;
using Pewter.NineP.Serving;

namespace Pewter.Testing.Serving;

/// <summary>Each open makes a numbered directory with a ctl and a status, and is an open on that ctl.</summary>
public sealed class MemoryClone : MemoryFile
{
    private int _last;

    public MemoryClone()
        : base(QidType.File) => Mode = 0x1B6;

    public override ValueTask<OpenFile> OpenAsync(OpenFlags flags, Caller caller, CancellationToken cancellation)
    {
        Demand(caller, flags);
        var id = Interlocked.Increment(ref _last).ToString(System.Globalization.CultureInfo.InvariantCulture);
        var made = Directory!.Add(id, new MemoryDirectory());
        var ctl = made.Add("ctl", new MemoryCtl { Owner = caller.User });
        made.Add("status", new MemoryText($"/{id} state=new\n"));
        return new(ctl.OpenAs(id + "\n"));
    }
}
