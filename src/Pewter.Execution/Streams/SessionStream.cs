using Pewter.Execution.Sessions;
using Pewter.NineP;
using Pewter.NineP.Serving;
using Pewter.Tree;

namespace Pewter.Execution.Streams;

/// <summary>
/// A session's <c>stdin</c>, <c>stdout</c> or <c>stderr</c>: that of its one process, or of all of a group, fanned in or out by records. Rights are
/// those of the session here; on the node it is opened by the daemon.
/// </summary>
internal sealed class SessionStream(Session session, string name, TreeClient tree, uint mode) : TreeFile(QidType.File, mode)
{
    protected override async ValueTask<OpenFile> OpenCoreAsync(OpenFlags flags, Caller caller, CancellationToken cancellation)
    {
        if (session.Record.IsGroup)
        {
            return flags.CanWrite()
                ? new FanOutOpen(this, await OpenAllAsync(flags, cancellation), session.DealsInput)
                : new FanInOpen(this, [.. session.Leaves.Select(leaf => Opener(leaf, flags))]);
        }

        var open = new ForwardOpen(this, async stop =>
        {
            await session.Placed.WaitAsync(stop);
            return await Opener(session.Leaves[0], flags)(stop);
        });

        // Where there is a node already it is opened now, so that closing it without a write still ends the input.
        if (session.Leaves.Count == 1)
        {
            await open.OpenAsync(cancellation);
        }

        return open;
    }

    // Opened now, so that closing it without a write ends the input of all.
    private async ValueTask<IReadOnlyList<ForwardOpen>> OpenAllAsync(OpenFlags flags, CancellationToken cancellation)
    {
        var targets = session.Leaves.Select(leaf => Forward(leaf, flags)).ToList();
        await Task.WhenAll(targets.Select(async target =>
        {
            try
            {
                await target.OpenAsync(cancellation);
            }
            catch (FileException)
            {
                // A node that cannot be reached now: the first write to it finds out, and passes it over.
            }
        }));
        return targets;
    }

    private ForwardOpen Forward(Leaf leaf, OpenFlags flags) => new(this, Opener(leaf, flags));

    private Func<CancellationToken, ValueTask<OpenFile>> Opener(Leaf leaf, OpenFlags flags) => async stop =>
        (await tree.OpenAsync($"{leaf.Path}/{name}", flags & (OpenFlags.AccessMode | OpenFlags.NonBlocking), stop)).Open;
}
