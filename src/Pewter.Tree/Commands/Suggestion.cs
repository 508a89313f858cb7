namespace Pewter.Tree;

/// <summary>"Did you mean": the known word nearest to a mistyped one.</summary>
public static class Suggestion
{
    /// <summary>"; did you mean 'x'?" for the nearest of the candidates, or nothing when none is near.</summary>
    public static string For(string word, IEnumerable<string> candidates)
    {
        var (best, distance) = ("", Math.Max(1, word.Length / 3) + 1);
        foreach (var candidate in candidates)
        {
            var length = Distance(word, candidate, distance);
            if (length < distance)
            {
                (best, distance) = (candidate, length);
            }
        }

        return best.Length == 0 ? "" : $"; did you mean '{best}'?";
    }

    // Damerau-Levenshtein with adjacent swaps, given up when it cannot get below the limit.
    private static int Distance(string left, string right, int limit)
    {
        if (Math.Abs(left.Length - right.Length) >= limit || left.Length > 64)
        {
            return limit;
        }

        var rows = new int[left.Length + 1, right.Length + 1];
        for (var i = 0; i <= left.Length; i++)
        {
            for (var j = 0; j <= right.Length; j++)
            {
                rows[i, j] = i == 0 || j == 0 ? i + j : Math.Min(
                    Math.Min(rows[i - 1, j], rows[i, j - 1]) + 1,
                    rows[i - 1, j - 1] + (left[i - 1] == right[j - 1] ? 0 : 1));
                if (i > 1 && j > 1 && left[i - 1] == right[j - 2] && left[i - 2] == right[j - 1])
                {
                    rows[i, j] = Math.Min(rows[i, j], rows[i - 2, j - 2] + 1);
                }
            }
        }

        return rows[left.Length, right.Length];
    }
}
