using System.Text;

namespace Pewter.Linux.Mounts;

/// <summary>The mounts of this process's namespace, read from /proc/self/mountinfo (proc(5)).</summary>
public static class MountPoints
{
    private const string Source = "/proc/self/mountinfo";

    /// <summary>Mount points of one filesystem type, in the order they were mounted.</summary>
    public static IReadOnlyList<string> OfType(string fileSystemType) =>
        [.. Entries(File.ReadLines(Source)).Where(entry => entry.Type == fileSystemType).Select(entry => entry.Point)];

    /// <summary>Whether a filesystem of this type is mounted exactly there.</summary>
    public static bool IsMountedOn(string directory, string fileSystemType) => OfType(fileSystemType).Contains(directory);

    internal static IEnumerable<(string Point, string Type)> Entries(IEnumerable<string> lines)
    {
        foreach (var line in lines)
        {
            // id parent major:minor root POINT options optional… - TYPE source options
            var words = line.Split(' ');
            var dash = Array.IndexOf(words, "-");
            if (dash > 4 && dash + 1 < words.Length)
                yield return (Unescape(words[4]), words[dash + 1]);
        }
    }

    // Blanks and backslashes are written as three octal digits.
    private static string Unescape(string word)
    {
        if (!word.Contains('\\', StringComparison.Ordinal))
            return word;
        var text = new StringBuilder();
        for (var i = 0; i < word.Length; i++)
        {
            if (word[i] == '\\' && i + 3 < word.Length)
            {
                text.Append((char)Convert.ToInt32(word.Substring(i + 1, 3), 8));
                i += 3;
            }
            else
            {
                text.Append(word[i]);
            }
        }

        return text.ToString();
    }
}
