using Pewter.Execution.Sessions;
using Pewter.NineP;
using Pewter.NineP.Serving;
using Pewter.Tree;

namespace Pewter.Execution.Streams;

/// <summary>A file of one process, as its node has it. Rights are those of the session here; on the node it is opened by the daemon.</summary>
internal sealed class LeafFile(Func<CancellationToken, ValueTask<Leaf>> leaf, string name, TreeClient tree, uint mode) : TreeFile(QidType.File, mode)
{
    protected override ValueTask<OpenFile> OpenCoreAsync(OpenFlags flags, Caller caller, CancellationToken cancellation) =>
        new(new ForwardOpen(this, async stop =>
            (await tree.OpenAsync($"{(await leaf(stop)).Path}/{name}", flags & (OpenFlags.AccessMode | OpenFlags.Truncate), stop)).Open));
}
