using Pewter.NineP.Serving;

namespace Pewter.NineP.Server;

/// <summary>What all fids that descend from one attach share.</summary>
/// <param name="Root">The root of the view, above which ".." does not lead.</param>
/// <param name="Caller">Who asks.</param>
/// <param name="Stream">Whether continuations of short reads are answered at once (option <c>stream=1</c>).</param>
internal sealed record AttachView(ServedFile Root, Caller Caller, bool Stream)
{
    public bool IsRoot(ServedFile file) => ReferenceEquals(file, Root) || file.Qid.Path == Root.Qid.Path;
}
