using System.Text;

namespace Pewter.Sdk;

/// <summary>Reads lines of <c>path key=value key="two words"</c>, as <c>status</c> files have them.</summary>
public static class LogfmtLine
{
    /// <summary>The line's fields in order; a word without '=' has the key "".</summary>
    public static IReadOnlyList<KeyValuePair<string, string>> Parse(string line)
    {
        var fields = new List<KeyValuePair<string, string>>();
        var at = 0;
        while (at < line.Length)
        {
            if (line[at] == ' ')
            {
                at++;
                continue;
            }

            var start = at;
            while (at < line.Length && line[at] is not (' ' or '='))
            {
                at++;
            }

            var word = line[start..at];
            var hasValue = at < line.Length && line[at] == '=';
            fields.Add(hasValue ? new KeyValuePair<string, string>(word, Value(line, ref at)) : new KeyValuePair<string, string>("", word));
        }

        return fields;
    }

    private static string Value(string line, ref int at)
    {
        at++;
        var start = at;
        if (at == line.Length || line[at] != '"')
        {
            while (at < line.Length && line[at] != ' ')
            {
                at++;
            }

            return line[start..at];
        }

        var text = new StringBuilder();
        for (at++; at < line.Length && line[at] != '"'; at++)
        {
            var isEscape = line[at] == '\\' && at + 1 < line.Length;
            text.Append(!isEscape ? line[at] : line[++at] switch { 'n' => '\n', 't' => '\t', 'r' => '\r', var other => other });
        }

        at = Math.Min(at + 1, line.Length);
        return text.ToString();
    }
}
