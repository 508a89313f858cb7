using Pewter.NineP;
using Pewter.NineP.Serving;
using Pewter.Tree;

namespace Pewter.Node.Sessions;

/// <summary>A session's <c>stdin</c>. Offsets are ignored; truncating it does nothing and is no open, so no end of input follows.</summary>
internal sealed class InputFile(NodeProcess process) : TreeFile(QidType.File, UnixMode.Octal(220))
{
    protected override ValueTask<OpenFile> OpenCoreAsync(OpenFlags flags, Caller caller, CancellationToken cancellation) =>
        new(new StreamOpen(this, null, process.Input));
}
