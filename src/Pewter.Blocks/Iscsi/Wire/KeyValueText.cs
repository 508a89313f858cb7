using System.Text;

namespace Pewter.Blocks.Iscsi.Wire;

/// <summary>The text of login and text PDUs: <c>key=value</c> pairs, each ended by a null (RFC 7143 6.1).</summary>
internal static class KeyValueText
{
    /// <summary>Bounds the work one hostile text can make.</summary>
    public const int MaxPairs = 128;

    private const int MaxKeyLength = 63;

    /// <summary>Splits a text; throws <see cref="PduException"/> when it is none.</summary>
    public static List<KeyValuePair<string, string>> Parse(ReadOnlySpan<byte> text)
    {
        var pairs = new List<KeyValuePair<string, string>>();
        while (!text.IsEmpty)
        {
            int end = text.IndexOf((byte)0);
            ReadOnlySpan<byte> pair = end < 0 ? text : text[..end];
            text = end < 0 ? [] : text[(end + 1)..];
            if (pair.IsEmpty)
                continue;
            int equals = pair.IndexOf((byte)'=');
            if (equals is <= 0 or > MaxKeyLength || pairs.Count == MaxPairs)
                throw new PduException("a negotiation text is not made of key=value pairs");
            pairs.Add(new(Encoding.UTF8.GetString(pair[..equals]), Encoding.UTF8.GetString(pair[(equals + 1)..])));
        }
        return pairs;
    }

    public static byte[] Format(IEnumerable<KeyValuePair<string, string>> pairs)
    {
        var text = new StringBuilder();
        foreach ((string key, string value) in pairs)
            text.Append(key).Append('=').Append(value).Append('\0');
        return Encoding.UTF8.GetBytes(text.ToString());
    }
}
