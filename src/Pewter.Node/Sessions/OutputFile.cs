using Pewter.NineP;
using Pewter.NineP.Serving;
using Pewter.Node.Processes;
using Pewter.Tree;

namespace Pewter.Node.Sessions;

/// <summary>
/// A session's <c>stdout</c> or <c>stderr</c>: every open reads all that is still held, from the oldest byte, then what comes, to the end.
/// </summary>
internal sealed class OutputFile(OutputLog log) : TreeFile(QidType.File, UnixMode.Octal(440))
{
    protected override ValueTask<OpenFile> OpenCoreAsync(OpenFlags flags, Caller caller, CancellationToken cancellation) =>
        new(new StreamOpen(this, log.Attach(), null));
}
