using System.Globalization;
using System.Text;

namespace Pewter.CommandLine.Running;

/// <summary>Names of nodes in short: <c>n1 n2 n3 n7</c> are <c>n[1-3,7]</c>. Numbers with leading zeros keep them.</summary>
internal static class NodeSet
{
    /// <summary>The short form; names that are alike but for the number at their end become one word, in their natural order.</summary>
    public static string Fold(IEnumerable<string> names)
    {
        var words = new List<string>();
        var groups = names.Distinct(StringComparer.Ordinal).Select(Part).GroupBy(part => (part.Prefix, part.Width));
        foreach (var group in groups.OrderBy(group => group.Key.Prefix, Output.NaturalOrder.Instance))
        {
            var (prefix, width) = group.Key;
            words.Add(width < 0 ? prefix : Word(prefix, width, [.. group.Select(part => part.Number).Order()]));
        }

        return string.Join(',', words);
    }

    private static string Word(string prefix, int width, IReadOnlyList<long> numbers)
    {
        if (numbers.Count == 1)
        {
            return prefix + Text(numbers[0], width);
        }

        var text = new StringBuilder(prefix).Append('[');
        for (var i = 0; i < numbers.Count;)
        {
            var last = i;
            while (last + 1 < numbers.Count && numbers[last + 1] == numbers[last] + 1)
            {
                last++;
            }

            text.Append(i == 0 ? "" : ",").Append(Text(numbers[i], width));
            text.Append(last > i ? $"-{Text(numbers[last], width)}" : "");
            i = last + 1;
        }

        return text.Append(']').ToString();
    }

    private static string Text(long number, int width) => number.ToString(CultureInfo.InvariantCulture).PadLeft(width, '0');

    // Width 0: a plain number; more: padded with zeros to it; -1: no number at the end.
    private static (string Prefix, long Number, int Width) Part(string name)
    {
        var digits = 0;
        while (digits < name.Length && digits < 18 && char.IsAsciiDigit(name[name.Length - 1 - digits]))
        {
            digits++;
        }

        var tail = name.AsSpan(name.Length - digits);
        if (digits == 0)
        {
            return (name, 0, -1);
        }

        var width = tail[0] == '0' && digits > 1 ? digits : 0;
        return (name[..^digits], long.Parse(tail, CultureInfo.InvariantCulture), width);
    }
}
