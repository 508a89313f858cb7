using Pewter.NineP;

namespace Pewter.Machines.Nodes;

/// <summary>Labels of nodes: words such as <c>gpu</c> or <c>rack=3</c>, kept in order and once each.</summary>
internal static class NodeLabels
{
    private const int LongestLabel = 64;

    /// <summary>The labels with words added and, where a word begins with '-', taken away.</summary>
    /// <exception cref="FileException">EINVAL: a word cannot be a label, or they are too many.</exception>
    public static IReadOnlyList<string> Change(IReadOnlyList<string> labels, IEnumerable<string> words, NodeLimits limits)
    {
        var set = new SortedSet<string>(labels, StringComparer.Ordinal);
        foreach (var word in words.SelectMany(word => word.Split(',')))
        {
            if (word.StartsWith('-'))
            {
                set.Remove(word[1..]);
            }
            else if (IsLabel(word))
            {
                set.Add(word);
            }
            else
            {
                throw new FileException(
                    Errno.EINVAL,
                    $"'{word}' cannot be a label: letters, digits and any of _ . : = - , {LongestLabel} at most, a letter or digit first.");
            }
        }

        return set.Count <= limits.Labels
            ? [.. set]
            : throw new FileException(Errno.EINVAL, $"A node has at most {limits.Labels} labels; these would be {set.Count}.");
    }

    private static bool IsLabel(string word) =>
        word.Length is > 0 and <= LongestLabel
        && char.IsAsciiLetterOrDigit(word[0])
        && word.All(character => char.IsAsciiLetterOrDigit(character) || "_.:=-".Contains(character, StringComparison.Ordinal));
}
