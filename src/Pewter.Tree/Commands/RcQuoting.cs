using System.Text;
using Pewter.NineP;

namespace Pewter.Tree;

/// <summary>
/// The quoting of Plan 9's shell rc, used by every ctl: words are separated by blanks; <c>'…'</c> takes everything literally and
/// <c>''</c> in it is
/// one quote; quoted and bare parts that touch are one word; nothing else is special.
/// </summary>
public static class RcQuoting
{
    /// <summary>Splits a line into words. EINVAL when a quote is not closed.</summary>
    public static IReadOnlyList<string> Split(string line) =>
        TrySplit(line, out var words)
            ? words
            : throw new FileException(Errno.EINVAL, "A quote is not closed; write a quote inside quotes as ''.");

    /// <summary>Splits a line into words; false when a quote is not closed.</summary>
    public static bool TrySplit(string line, out IReadOnlyList<string> words)
    {
        var found = new List<string>();
        words = found;
        var word = new StringBuilder();
        for (var i = 0; i < line.Length;)
        {
            if (IsBlank(line[i]))
            {
                i++;
                continue;
            }

            word.Clear();
            while (i < line.Length && !IsBlank(line[i]))
            {
                if (line[i] != '\'')
                {
                    word.Append(line[i++]);
                }
                else if (!TakeQuoted(line, ref i, word))
                {
                    return false;
                }
            }

            found.Add(word.ToString());
        }

        return true;
    }

    /// <summary>Writes a word so that <see cref="Split"/> reads it back: as it is, or in quotes when it has to be.</summary>
    public static string Quote(string word)
    {
        foreach (var character in word)
        {
            if (IsBlank(character) || character == '\'')
            {
                return "'" + word.Replace("'", "''", StringComparison.Ordinal) + "'";
            }
        }

        return word.Length == 0 ? "''" : word;
    }

    /// <summary>Writes words as a line.</summary>
    public static string Join(params IEnumerable<string> words) => string.Join(' ', words.Select(Quote));

    private static bool TakeQuoted(string line, ref int i, StringBuilder word)
    {
        for (i++; i < line.Length; i++)
        {
            if (line[i] != '\'')
            {
                word.Append(line[i]);
            }
            else if (i + 1 < line.Length && line[i + 1] == '\'')
            {
                word.Append('\'');
                i++;
            }
            else
            {
                i++;
                return true;
            }
        }

        return false;
    }

    private static bool IsBlank(char character) => character is ' ' or '\t' or '\n' or '\r';
}
