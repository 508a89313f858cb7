using System.Buffers;
using System.Text;
using System.Text.Json;
using Pewter.NineP;

namespace Pewter.Tree;

/// <summary>
/// Rewrites what a member tells, so that its paths are paths of the union's tree; and says what there is to say of one that is silent.
/// </summary>
internal static class MemberText
{
    /// <summary>A status line of a member: its path with the prefix, and the age of the news.</summary>
    public static string Status(UnionMember member, string line, TimeSpan age) => member.Label is null ? line
        : line.Contains(" age=", StringComparison.Ordinal) ? member.Prefix + line
        : string.Create(System.Globalization.CultureInfo.InvariantCulture, $"{member.Prefix}{line} age={age.TotalSeconds:0.###}s");

    /// <summary>The one line of a member that does not answer, or not to the end.</summary>
    public static string Failed(UnionMember member, FileException failure)
    {
        var buffer = new ArrayBufferWriter<byte>();
        var line = new Logfmt(buffer).Path(member.Prefix.Length == 0 ? "/" : member.Prefix).Pair("state", "silent")
            .Pair("errno", failure.Errno.ToString()).Pair("error", failure.Message);
        if (member.Age is { } age)
        {
            line.Pair("age", age());
        }

        return Encoding.UTF8.GetString(buffer.WrittenSpan);
    }

    /// <summary>The same as JSON.</summary>
    public static void WriteFailed(Utf8JsonWriter json, UnionMember member, FileException failure)
    {
        json.WriteStartObject();
        json.WriteString("path", member.Prefix.Length == 0 ? "/" : member.Prefix);
        json.WriteString("state", "silent");
        json.WriteNumber("errno", (int)failure.Errno);
        json.WriteString("error", failure.Message);
        json.WriteEndObject();
    }

    /// <summary>A JSON object of a member: <c>path</c> and <c>target</c> get the prefix, and events say whose number <c>seq</c> is.</summary>
    public static void Write(Utf8JsonWriter json, UnionMember member, JsonElement value)
    {
        if (value.ValueKind != JsonValueKind.Object)
        {
            value.WriteTo(json);
            return;
        }

        json.WriteStartObject();
        foreach (var property in value.EnumerateObject())
        {
            if (property.Name is "path" or "target" && property.Value.ValueKind == JsonValueKind.String)
            {
                json.WriteString(property.Name, member.Prefix + property.Value.GetString());
            }
            else if (property.Name == "peer")
            {
                json.WriteString("peer", property.Value.GetString() + "@" + member.Label);
            }
            else
            {
                property.WriteTo(json);
                WritePeer(json, member, value, property.Name);
            }
        }

        json.WriteEndObject();
    }

    /// <summary>A line of JSON of a member; null when it is none.</summary>
    public static string? JsonLine(UnionMember member, string line)
    {
        if (member.Label is null)
        {
            return line;
        }

        try
        {
            using var document = JsonDocument.Parse(line);
            return Encoding.UTF8.GetString(JsonText.Line(json => Write(json, member, document.RootElement)).Span).TrimEnd('\n');
        }
        catch (JsonException)
        {
            return null;
        }
    }

    private static void WritePeer(Utf8JsonWriter json, UnionMember member, JsonElement value, string written)
    {
        if (written == "seq" && member.Label is not null && !value.TryGetProperty("peer", out _))
        {
            json.WriteString("peer", member.Label);
        }
    }
}
