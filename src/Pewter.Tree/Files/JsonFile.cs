using System.Text.Json;
using Pewter.NineP.Serving;

namespace Pewter.Tree;

/// <summary>One JSON value, written at each open, and a newline.</summary>
public sealed class JsonFile(Action<Utf8JsonWriter, Caller> write) : ContentFile
{
    /// <summary>A value that is the same for every caller.</summary>
    public JsonFile(Action<Utf8JsonWriter> write)
        : this((json, _) => write(json))
    {
    }

    /// <inheritdoc/>
    protected override ValueTask<ReadOnlyMemory<byte>> RenderAsync(Caller caller, CancellationToken cancellation) =>
        new(JsonText.Line(json => write(json, caller)));
}
