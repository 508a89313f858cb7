using Pewter.Execution.Sessions;
using Pewter.NineP;
using Pewter.NineP.Serving;
using Pewter.Tree;

namespace Pewter.Execution.Streams;

/// <summary>A file of one process, as its node has it. Rights are those of the session here; on the node it is opened by the daemon.</summary>
internal sealed class LeafFile(Func<CancellationToken, ValueTask<Leaf>> leaf, string name, TreeClient tree, uint mode) : TreeFile(QidType.File, mode)
{
    /// <summary>Whether it is opened on the node with the open here, so that closing it without a write ends an input. The process must have its node.</summary>
    internal bool OpensAtOnce { get; init; }

    protected override async ValueTask<OpenFile> OpenCoreAsync(OpenFlags flags, Caller caller, CancellationToken cancellation)
    {
        var open = new ForwardOpen(this, async stop =>
            (await tree.OpenAsync($"{(await leaf(stop)).Path}/{name}", flags & (OpenFlags.AccessMode | OpenFlags.Truncate), stop)).Open);
        if (OpensAtOnce)
        {
            await open.OpenAsync(cancellation);
        }

        return open;
    }
}
