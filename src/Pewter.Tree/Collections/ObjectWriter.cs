using System.Buffers;
using System.Text.Json;

namespace Pewter.Tree;

/// <summary>Writes objects as status lines and as JSON; the one place that knows both forms.</summary>
internal static class ObjectWriter
{
    /// <summary>A status line for each object.</summary>
    public static ReadOnlyMemory<byte> Status<T>(Collection<T> collection, IReadOnlyList<TreeObject<T>> objects)
        where T : class
    {
        var buffer = new ArrayBufferWriter<byte>(Math.Max(256, objects.Count * 96));
        var line = new Logfmt(buffer);
        var prefix = $"{collection.Path}/{collection.Kind.Prefix}";
        foreach (var target in objects)
        {
            line.Path(prefix, target.Number);
            collection.StatusFields.WriteStatus(line, target);
            line.End();
        }

        return buffer.WrittenMemory;
    }

    /// <summary>All objects as one JSON array, a line an object.</summary>
    public static ReadOnlyMemory<byte> JsonArray<T>(Collection<T> collection, IReadOnlyList<TreeObject<T>> objects)
        where T : class
    {
        var buffer = new ArrayBufferWriter<byte>(Math.Max(256, objects.Count * 128));
        buffer.Write("["u8);
        using var json = new Utf8JsonWriter(buffer, JsonText.Options);
        for (var i = 0; i < objects.Count; i++)
        {
            buffer.Write(i == 0 ? "\n"u8 : ",\n"u8);
            json.Reset(buffer);
            Write(json, collection, objects[i]);
            json.Flush();
        }

        buffer.Write("\n]\n"u8);
        return buffer.WrittenMemory;
    }

    /// <summary>One object: its path, then its fields.</summary>
    public static void Write<T>(Utf8JsonWriter json, Collection<T> collection, TreeObject<T> target)
        where T : class
    {
        json.WriteStartObject();
        json.WriteString("path", target.Path);
        collection.JsonFields.WriteJson(json, target);
        json.WriteEndObject();
    }
}
