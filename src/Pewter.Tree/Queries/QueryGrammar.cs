using Pewter.NineP;

namespace Pewter.Tree;

/// <summary>
/// One path element of a query: <c>key op value</c> with <c>= != &lt; &lt;= &gt; &gt;= ~</c>, values separated by commas meaning any
/// of them, or a bare word,
/// which is a tag. Keys and values are percent-decoded, so that a value may have a slash or a comma in it.
/// </summary>
internal static class QueryGrammar
{
    /// <summary>The most conditions of one query: far more than there are fields.</summary>
    public const int MaxConditions = 32;

    private static readonly (string Sign, Comparison Comparison)[] Operators =
    [
        ("!=", Comparison.NotEqual), ("<=", Comparison.LessOrEqual), (">=", Comparison.GreaterOrEqual),
        ("=", Comparison.Equal), ("<", Comparison.Less), (">", Comparison.Greater), ("~", Comparison.Like),
    ];

    /// <summary>Reads an element with an operator; null when it has none or its key is unknown. EINVAL when a value does not fit.</summary>
    public static Predicate<T>? TryParse<T>(string element, Fields<T> fields)
    {
        var start = element.AsSpan().IndexOfAny("=!<>~");
        foreach (var (sign, comparison) in Operators)
        {
            if (start > 0 && element.AsSpan(start).StartsWith(sign))
            {
                var field = Key(Uri.UnescapeDataString(element[..start]), fields);
                return field is null ? null : new(field, comparison, Values(element[(start + sign.Length)..]));
            }
        }

        return null;
    }

    /// <summary>Whether an element has an operator, and so can only be a condition.</summary>
    public static bool IsCondition(string element) => element.AsSpan().IndexOfAny("=!<>~") > 0;

    /// <summary>The field that queries call so, or null.</summary>
    public static Field<T>? Key<T>(string name, Fields<T> fields) => fields.All.FirstOrDefault(field => field.IsKey && field.Name == name);

    /// <summary>The condition that a field has one of the values.</summary>
    public static Predicate<T> IsOneOf<T>(Field<T> field, string values) => new(field, Comparison.Equal, Values(values));

    /// <summary>A value as a name of a file.</summary>
    public static string Encode(string value)
    {
        var encoded = value.Replace("%", "%25", StringComparison.Ordinal).Replace("/", "%2F", StringComparison.Ordinal)
            .Replace(",", "%2C", StringComparison.Ordinal).Replace("\0", "%00", StringComparison.Ordinal);
        return encoded.StartsWith('.') ? "%2E" + encoded[1..] : encoded;
    }

    /// <summary>The failure of one condition too many.</summary>
    public static FileException TooLong() => new(Errno.EINVAL, $"A query has at most {MaxConditions} conditions.");

    private static string[] Values(string text) => [.. text.Split(',').Select(Uri.UnescapeDataString)];
}
