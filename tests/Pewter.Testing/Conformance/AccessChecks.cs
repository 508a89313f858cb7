using Pewter.NineP;
using Pewter.NineP.Serving;

namespace Pewter.Testing.Conformance;

/// <summary>Modes mean what they say, for a stranger and for somebody who may only read.</summary>
internal static class AccessChecks
{
    private static readonly Caller Stranger = new() { User = "conformance-stranger", Uid = 65533, Gid = 65533 };
    private static readonly Caller Reader = new() { User = "conformance-reader", IsAdmin = true, MayWrite = false };

    public static async Task RunAsync(ConformanceVisit visit, string path, FileStat stat)
    {
        var name = path[(path.LastIndexOf('/') + 1)..];
        var file = await visit.Client.WalkAsync(path);

        // What a query finds for somebody else is for a stranger not there at all.
        Errno[] refused = path.Contains("/query/", StringComparison.Ordinal) ? [Errno.EACCES, Errno.ENOENT] : [Errno.EACCES];
        if ((stat.Mode & 4) == 0)
        {
            await visit.RequireRefusalAsync(
                path, "a read by a stranger", async () => await file.OpenAsync(OpenFlags.ReadOnly, Stranger, default), refused);
        }

        if ((stat.Mode & 1) == 0 && file.Qid.Type.HasFlag(QidType.Directory))
        {
            await visit.RequireRefusalAsync(path, "a walk by a stranger", async () => _ = await file.WalkAsync("x", Stranger, default)
                ?? throw new FileException(Errno.ENOENT, "Not there."), refused);
        }

        if (file.Qid.Type.HasFlag(QidType.Directory) || name is "events" or "wait")
        {
            return;
        }

        if ((stat.Mode & 2) == 0)
        {
            await visit.RequireRefusalAsync(
                path, "a write by a stranger", async () => await file.OpenAsync(OpenFlags.WriteOnly, Stranger, default), refused);
        }

        var flags = name == "clone" ? OpenFlags.ReadOnly : OpenFlags.WriteOnly;
        await visit.RequireRefusalAsync(path, "a change by who may only read", async () => await file.OpenAsync(flags, Reader, default), Errno.EROFS);
    }
}
