using Pewter.NineP;
using Pewter.NineP.Serving;
using Pewter.Tree;

namespace Pewter.Node.Sessions;

/// <summary>A session's <c>stdio</c>: writes are its input, reads its output, on one fid.</summary>
internal sealed class StdioFile(NodeProcess process) : TreeFile(QidType.File, UnixMode.Octal(660))
{
    protected override ValueTask<OpenFile> OpenCoreAsync(OpenFlags flags, Caller caller, CancellationToken cancellation) =>
        new(new StreamOpen(
            this,
            flags.CanRead() ? process.Session.Stdout.Attach() : null,
            flags.CanWrite() ? process.Input : null));
}
