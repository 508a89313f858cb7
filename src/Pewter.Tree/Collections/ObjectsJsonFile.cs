using Pewter.NineP.Serving;

namespace Pewter.Tree;

/// <summary>A JSON array of the objects of a set that the caller may see.</summary>
internal sealed class ObjectsJsonFile<T>(Collection<T> collection, Func<IReadOnlyList<TreeObject<T>>> objects) : ContentFile
    where T : class
{
    protected override ValueTask<ReadOnlyMemory<byte>> RenderAsync(Caller caller, CancellationToken cancellation) =>
        new(ObjectWriter.JsonArray(collection, objects().VisibleTo(caller)));
}
