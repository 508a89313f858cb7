using System.Buffers;
using System.Text;
using System.Text.Json;
using Pewter.NineP;
using Pewter.Tree;

namespace Pewter.Execution.Sessions;

/// <summary>
/// A session's <c>edges</c>: one JSON line for each splice into or out of each of its processes, as the nodes count them now:
/// <c>{"process":0,"direction":"in","peer":"n1:/proc/7","way":"direct","state":"open","bytes":1048576,"error":""}</c>.
/// </summary>
internal static class EdgesFile
{
    internal static TextFile Of(Session session, TreeClient tree) => new(async (_, cancellation) =>
    {
        var text = new StringBuilder();
        foreach (var leaf in session.Leaves)
        {
            await AppendAsync(text, leaf, tree, cancellation);
        }

        return text.ToString();
    });

    private static async ValueTask AppendAsync(StringBuilder text, Leaf leaf, TreeClient tree, CancellationToken cancellation)
    {
        try
        {
            using var document = JsonDocument.Parse(await tree.ReadTextAsync(leaf.Path + "/json", cancellation));
            foreach (var edge in document.RootElement.GetProperty("edges").EnumerateArray())
            {
                Line(text, leaf, json =>
                {
                    foreach (var property in edge.EnumerateObject())
                    {
                        property.WriteTo(json);
                    }
                });
            }
        }
        catch (FileException unreachable)
        {
            Line(text, leaf, json => json.WriteString("error", unreachable.Message));
        }

        if (leaf.Relay is { } relay)
        {
            Line(text, leaf, json =>
            {
                json.WriteString("direction", "in");
                json.WriteString("peer", relay.From);
                json.WriteString("way", "tree");
                json.WriteString("state", relay.State);
                json.WriteNumber("bytes", relay.Bytes);
                json.WriteString("error", relay.Error);
            });
        }
    }

    private static void Line(StringBuilder text, Leaf leaf, Action<Utf8JsonWriter> write)
    {
        var buffer = new ArrayBufferWriter<byte>();
        using (var json = new Utf8JsonWriter(buffer))
        {
            json.WriteStartObject();
            json.WriteNumber("process", leaf.Index);
            write(json);
            json.WriteEndObject();
        }

        text.Append(Encoding.UTF8.GetString(buffer.WrittenSpan)).Append('\n');
    }
}
