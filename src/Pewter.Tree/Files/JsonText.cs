using System.Buffers;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace Pewter.Tree;

/// <summary>JSON as the tree writes it: UTF-8, one line a value, nothing escaped that need not be.</summary>
public static class JsonText
{
    /// <summary>The one way a writer is set up. The relaxed encoder is safe here: no reader of the tree is an HTML page.</summary>
    public static JsonWriterOptions Options { get; } = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>Writes one value and a newline.</summary>
    public static ReadOnlyMemory<byte> Line(Action<Utf8JsonWriter> write)
    {
        var buffer = new ArrayBufferWriter<byte>(256);
        WriteLine(buffer, write);
        return buffer.WrittenMemory;
    }

    /// <summary>Appends one value and a newline to a buffer.</summary>
    public static void WriteLine(IBufferWriter<byte> buffer, Action<Utf8JsonWriter> write)
    {
        using (var json = new Utf8JsonWriter(buffer, Options))
        {
            write(json);
        }

        buffer.Write("\n"u8);
    }
}
