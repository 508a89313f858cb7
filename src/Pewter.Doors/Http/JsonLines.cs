using System.Text.Json;

namespace Pewter.Doors.Http;

/// <summary>Lines that are JSON, most of the time.</summary>
internal static class JsonLines
{
    /// <summary>The lines of a text, without empty ones.</summary>
    public static IReadOnlyList<string> Split(string text) => text.Split('\n', StringSplitOptions.RemoveEmptyEntries);

    /// <summary>Writes an array whose elements are the lines; one that is no JSON becomes a string.</summary>
    public static void WriteArray(Utf8JsonWriter json, string? name, IReadOnlyList<string> lines)
    {
        if (name is null)
            json.WriteStartArray();
        else
            json.WriteStartArray(name);
        foreach (var line in lines)
        {
            if (IsDocument(line))
                json.WriteRawValue(line);
            else
                json.WriteStringValue(line);
        }

        json.WriteEndArray();
    }

    /// <summary>Whether a text is one JSON document.</summary>
    public static bool IsDocument(string text)
    {
        try
        {
            using var document = JsonDocument.Parse(text);
            return true;
        }
        catch (JsonException)
        {
            return false;
        }
    }

    /// <summary>The number of an event line (its top-level <c>seq</c>); null when it has none.</summary>
    public static long? NumberOf(ReadOnlySpan<byte> line)
    {
        var reader = new Utf8JsonReader(line);
        try
        {
            while (reader.Read())
            {
                if (reader.TokenType != JsonTokenType.PropertyName || reader.CurrentDepth != 1)
                    continue;
                if (reader.ValueTextEquals("seq"u8))
                    return reader.Read() && reader.TokenType == JsonTokenType.Number && reader.TryGetInt64(out var number) ? number : null;
                reader.Skip();
            }
        }
        catch (JsonException)
        {
            // A line of text is an event as well.
        }

        return null;
    }
}
