namespace Pewter.Configuration;

/// <summary>What a mistyped word was probably meant to be.</summary>
public static class Suggestion
{
    /// <summary>
    /// The candidate nearest to <paramref name="word"/> by insertions, deletions, replacements and swaps of neighbours, or null when none
    /// is near: at most one error in three letters.
    /// </summary>
    public static string? For(string word, IEnumerable<string> candidates)
    {
        ArgumentNullException.ThrowIfNull(word);
        ArgumentNullException.ThrowIfNull(candidates);
        string? best = null;
        var bestDistance = Math.Max(1, (word.Length + 1) / 3) + 1;
        foreach (var candidate in candidates)
        {
            var distance = candidate.StartsWith(word, StringComparison.OrdinalIgnoreCase) && word.Length >= 2 ? 1 : Distance(word, candidate);
            if (distance < bestDistance)
            {
                (best, bestDistance) = (candidate, distance);
            }
        }

        return best;
    }

    /// <summary>A sentence to put behind an error, with a space before it; empty when nothing is near.</summary>
    public static string Sentence(string word, IEnumerable<string> candidates) =>
        For(word, candidates) is { } near ? $" Did you mean '{near}'?" : "";

    private static int Distance(string a, string b)
    {
        var rows = new int[a.Length + 1, b.Length + 1];
        for (var i = 0; i <= a.Length; i++)
        {
            for (var j = 0; j <= b.Length; j++)
            {
                rows[i, j] = i == 0 || j == 0 ? i + j : Step(rows, a, b, i, j);
            }
        }

        return rows[a.Length, b.Length];
    }

    private static int Step(int[,] rows, string a, string b, int i, int j)
    {
        var same = char.ToLowerInvariant(a[i - 1]) == char.ToLowerInvariant(b[j - 1]);
        var best = Math.Min(rows[i - 1, j - 1] + (same ? 0 : 1), Math.Min(rows[i - 1, j], rows[i, j - 1]) + 1);
        return i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1] ? Math.Min(best, rows[i - 2, j - 2] + 1) : best;
    }
}
