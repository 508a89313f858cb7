using Pewter.NineP.Serving;

namespace Pewter.Tree;

/// <summary>A status line for each object of a set that the caller may see.</summary>
internal sealed class StatusFile<T>(Collection<T> collection, Func<IReadOnlyList<TreeObject<T>>> objects) : ContentFile
    where T : class
{
    protected override ValueTask<ReadOnlyMemory<byte>> RenderAsync(Caller caller, CancellationToken cancellation) =>
        new(ObjectWriter.Status(collection, objects().VisibleTo(caller)));
}
