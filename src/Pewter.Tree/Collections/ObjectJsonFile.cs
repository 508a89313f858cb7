using Pewter.NineP.Serving;

namespace Pewter.Tree;

/// <summary>One object as JSON.</summary>
internal sealed class ObjectJsonFile<T>(TreeObject<T> target) : ContentFile
    where T : class
{
    protected override ValueTask<ReadOnlyMemory<byte>> RenderAsync(Caller caller, CancellationToken cancellation) =>
        new(JsonText.Line(json => ObjectWriter.Write(json, target.Collection, target)));
}
