using System.Globalization;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace Pewter.CommandLine.Output;

/// <summary>Writes JSON data as YAML. Text that YAML could take for something else is quoted as in JSON, which is YAML too.</summary>
internal static class YamlText
{
    private const int IndentColumns = 2;
    private static readonly string[] Words = ["", "~", "null", "true", "false", "yes", "no", "on", "off", "y", "n", ".nan", ".inf", "-.inf"];

    public static string Render(JsonElement element)
    {
        var text = new StringBuilder();
        if (IsBlock(element))
        {
            Block(text, element, 0);
        }
        else
        {
            text.Append(Flow(element)).Append('\n');
        }

        return text.ToString();
    }

    private static void Block(StringBuilder text, JsonElement element, int indent, bool continuesLine = false)
    {
        if (element.ValueKind == JsonValueKind.Array)
        {
            foreach (var item in element.EnumerateArray())
            {
                Value(text.Append(continuesLine ? "" : Spaces(indent)).Append('-'), item, indent, afterDash: true);
                continuesLine = false;
            }

            return;
        }

        foreach (var property in element.EnumerateObject())
        {
            text.Append(continuesLine ? "" : Spaces(indent)).Append(Scalar(property.Name)).Append(':');
            Value(text, property.Value, indent, afterDash: false);
            continuesLine = false;
        }
    }

    private static void Value(StringBuilder text, JsonElement value, int indent, bool afterDash)
    {
        if (!IsBlock(value))
        {
            text.Append(' ').Append(Flow(value)).Append('\n');
        }
        else if (afterDash)
        {
            Block(text.Append(' '), value, indent + IndentColumns, continuesLine: true);
        }
        else
        {
            Block(text.Append('\n'), value, indent + (value.ValueKind == JsonValueKind.Array ? 0 : IndentColumns));
        }
    }

    private static bool IsBlock(JsonElement element) => element.ValueKind switch
    {
        JsonValueKind.Array => element.GetArrayLength() != 0,
        JsonValueKind.Object => element.EnumerateObject().Any(),
        _ => false,
    };

    private static string Flow(JsonElement element) =>
        element.ValueKind == JsonValueKind.String ? Scalar(element.GetString()!) : element.GetRawText();

    private static string Scalar(string text)
    {
        var isPlain = !Words.Contains(text, StringComparer.OrdinalIgnoreCase)
            && !double.TryParse(text, NumberStyles.Any, CultureInfo.InvariantCulture, out _)
            && (char.IsLetter(text[0]) || text[0] is '/' or '_')
            && text[^1] is not (' ' or ':')
            && !text.Any(char.IsControl)
            && !text.Contains(": ", StringComparison.Ordinal)
            && !text.Contains(" #", StringComparison.Ordinal);
        return isPlain ? text : $"\"{JsonEncodedText.Encode(text, JavaScriptEncoder.UnsafeRelaxedJsonEscaping)}\"";
    }

    private static string Spaces(int count) => new(' ', count);
}
