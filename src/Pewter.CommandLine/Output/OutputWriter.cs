using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace Pewter.CommandLine.Output;

/// <summary>
/// Prints data to standard output in the asked format. Data alone goes here; messages never do. Used by one command at a time.
/// </summary>
public sealed class OutputWriter
{
    private static readonly JsonWriterOptions Indented = new() { Indented = true, Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };
    private static readonly JsonWriterOptions OneLine = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    private readonly Stream _stream;
    private readonly TextStyle _style;

    internal OutputWriter(Stream stream, OutputFormat format, TextStyle style)
    {
        _stream = stream;
        _style = style;
        Format = format;
    }

    /// <summary>The asked format.</summary>
    public OutputFormat Format { get; }

    /// <summary>Prints a list: a table, a JSON array, a YAML list or names.</summary>
    public ValueTask ListAsync<T>(Table<T> table, IEnumerable<T> rows, CancellationToken cancellation) => Format switch
    {
        OutputFormat.Table => TextAsync(TableText.Render(table, [.. rows], _style), cancellation),
        OutputFormat.Name => TextAsync(string.Concat(rows.Select(row => table.Name(row) + "\n")), cancellation),
        _ => DocumentAsync(json => WriteArray(json, table, rows), cancellation),
    };

    /// <summary>Prints one thing: its fields below each other, one object, or its name.</summary>
    public ValueTask OneAsync<T>(Table<T> table, T row, CancellationToken cancellation) => Format switch
    {
        OutputFormat.Table => TextAsync(TableText.RenderOne(table, row, _style), cancellation),
        OutputFormat.Name => TextAsync(table.Name(row) + "\n", cancellation),
        _ => DocumentAsync(json => table.WriteJson(json, row), cancellation),
    };

    /// <summary>Prints one row of a stream now: a line of text, of JSON, or a YAML document.</summary>
    public ValueTask RowAsync<T>(Table<T> table, T row, CancellationToken cancellation)
    {
        switch (Format)
        {
            case OutputFormat.Table:
                return TextAsync(TableText.RenderRow(table, row), cancellation);
            case OutputFormat.Name:
                return TextAsync(table.Name(row) + "\n", cancellation);
            case OutputFormat.Json:
                var bytes = Json(OneLine, json => table.WriteJson(json, row));
                return BytesAsync((byte[])[.. bytes, (byte)'\n'], cancellation);
            default:
                return DocumentAsync(json => table.WriteJson(json, row), cancellation, "---\n");
        }
    }

    /// <summary>Prints a JSON document as JSON or YAML; a command uses it where its data is JSON already.</summary>
    public ValueTask DocumentAsync(Action<Utf8JsonWriter> write, CancellationToken cancellation, string before = "")
    {
        var bytes = Json(Indented, write);
        if (Format != OutputFormat.Yaml)
        {
            return BytesAsync((byte[])[.. bytes, (byte)'\n'], cancellation);
        }

        using var document = JsonDocument.Parse(bytes);
        return TextAsync(before + YamlText.Render(document.RootElement), cancellation);
    }

    /// <summary>Prints text as it is.</summary>
    public ValueTask TextAsync(string text, CancellationToken cancellation) => BytesAsync(Encoding.UTF8.GetBytes(text), cancellation);

    /// <summary>Prints bytes as they are, at once: a pipe's reader sees a live stream live.</summary>
    public async ValueTask BytesAsync(ReadOnlyMemory<byte> bytes, CancellationToken cancellation)
    {
        await _stream.WriteAsync(bytes, cancellation);
        await _stream.FlushAsync(cancellation);
    }

    private static void WriteArray<T>(Utf8JsonWriter json, Table<T> table, IEnumerable<T> rows)
    {
        json.WriteStartArray();
        foreach (var row in rows)
        {
            table.WriteJson(json, row);
        }

        json.WriteEndArray();
    }

    private static byte[] Json(JsonWriterOptions options, Action<Utf8JsonWriter> write)
    {
        using var buffer = new MemoryStream();
        using (var json = new Utf8JsonWriter(buffer, options))
        {
            write(json);
        }

        return buffer.ToArray();
    }
}
