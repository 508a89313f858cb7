using System.Buffers;
using System.Globalization;
using System.Text;

namespace Pewter.Tree;

/// <summary>Writes logfmt lines: a path first, then <c>key=value</c> pairs; a value with blanks, quotes or '=' in it is quoted.</summary>
/// <param name="buffer">Where the lines go.</param>
public sealed class Logfmt(IBufferWriter<byte> buffer)
{
    private static readonly SearchValues<char> Special =
        SearchValues.Create(" \t\r\n\"=\\\u007f" + string.Concat(Enumerable.Range(0, 32).Select(code => (char)code)));

    /// <summary>Begins a line with the path of what it is about.</summary>
    public Logfmt Path(string path)
    {
        Append(path);
        return this;
    }

    /// <summary>Begins a line with the path of a numbered object; saves the text of the path where there are a million of them.</summary>
    public Logfmt Path(string prefix, long number)
    {
        Append(prefix);
        AppendFormatted(number, default);
        return this;
    }

    /// <summary>Adds a pair; nothing when there is no value.</summary>
    public Logfmt Pair(string key, string? value)
    {
        if (value is not null)
        {
            Key(key);
            if (value.Length == 0 || value.AsSpan().IndexOfAny(Special) >= 0)
            {
                AppendQuoted(value);
            }
            else
            {
                Append(value);
            }
        }

        return this;
    }

    /// <summary>Adds a pair.</summary>
    public Logfmt Pair(string key, long value)
    {
        Key(key);
        AppendFormatted(value, default);
        return this;
    }

    /// <summary>Adds a pair.</summary>
    public Logfmt Pair(string key, double value)
    {
        Key(key);
        AppendFormatted(value, "0.######");
        return this;
    }

    /// <summary>Adds a pair: seconds with a final s.</summary>
    public Logfmt Pair(string key, TimeSpan value)
    {
        Pair(key, value.TotalSeconds);
        Append("s");
        return this;
    }

    /// <summary>Ends the line.</summary>
    public void End() => Append("\n");

    private void Key(string key)
    {
        Append(" ");
        Append(key);
        Append("=");
    }

    private void AppendFormatted<T>(T value, ReadOnlySpan<char> format)
        where T : IUtf8SpanFormattable
    {
        var span = buffer.GetSpan(32);
        value.TryFormat(span, out var written, format, CultureInfo.InvariantCulture);
        buffer.Advance(written);
    }

    private void AppendQuoted(string value)
    {
        var text = new StringBuilder("\"");
        foreach (var character in value)
        {
            _ = character switch
            {
                '"' or '\\' => text.Append('\\').Append(character),
                '\n' => text.Append("\\n"),
                '\t' => text.Append("\\t"),
                '\r' => text.Append("\\r"),
                < ' ' or '\u007f' => text.Append(CultureInfo.InvariantCulture, $"\\u{(int)character:x4}"),
                _ => text.Append(character),
            };
        }

        Append(text.Append('"').ToString());
    }

    private void Append(string text)
    {
        var span = buffer.GetSpan(Encoding.UTF8.GetMaxByteCount(text.Length));
        buffer.Advance(Encoding.UTF8.GetBytes(text, span));
    }
}
