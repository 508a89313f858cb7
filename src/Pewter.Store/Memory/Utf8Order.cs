namespace Pewter.Store.Memory;

/// <summary>
/// The order of UTF-8 bytes, which SQLite's BINARY and PostgreSQL's C collation have too. It is the order of code points, so it
/// differs from the ordinal order of UTF-16 only beyond the basic plane.
/// </summary>
internal sealed class Utf8Order : IComparer<string>
{
    public static readonly Utf8Order Instance = new();

    public int Compare(string? x, string? y)
    {
        var left = x.AsSpan();
        var right = y.AsSpan();
        var same = left.CommonPrefixLength(right);
        if (same == left.Length || same == right.Length)
            return left.Length - right.Length;
        var (a, b) = (left[same], right[same]);
        // Surrogates stand for code points above every other UTF-16 unit.
        return char.IsSurrogate(a) == char.IsSurrogate(b) ? a - b : char.IsSurrogate(a) ? 1 : -1;
    }
}
