using System.Globalization;
using System.Text;
using Pewter.NineP;

namespace Pewter.Distribution.Blobs;

/// <summary>
/// The content of a bundle: a line <c>DIGEST SIZE NAME</c> for each of its files, in the order of their names. So the same files are the
/// same bundle, wherever
/// it is made.
/// </summary>
internal static class Bundle
{
    private const int MaxEntries = 1024;
    private const int MaxName = 255;

    internal const long MaxBytes = 1 << 20;

    internal static IReadOnlyList<BundleEntry> Parse(ReadOnlySpan<byte> content)
    {
        var entries = new List<BundleEntry>();
        foreach (var line in Encoding.UTF8.GetString(content).Split('\n', StringSplitOptions.RemoveEmptyEntries))
        {
            var words = line.Split(' ', 3);
            if (words.Length != 3 || !IsDigest(words[0])
                || !long.TryParse(words[1], NumberStyles.None, CultureInfo.InvariantCulture, out var size) || !IsName(words[2]))
            {
                throw new FileException(Errno.EINVAL, $"'{line}' is no line of a bundle: DIGEST SIZE NAME.");
            }

            entries.Add(new BundleEntry(words[0], size, words[2]));
        }

        return entries.Count is 0 or > MaxEntries || entries.DistinctBy(entry => entry.Name).Count() != entries.Count
            ? throw new FileException(Errno.EINVAL, $"A bundle has from 1 to {MaxEntries} files, each with a name of its own.")
            : entries;
    }

    /// <summary>Whether a text is a SHA-256 in lower hexadecimal digits.</summary>
    internal static bool IsDigest(string text) => text.Length == 64 && text.All(char.IsAsciiHexDigitLower);

    private static bool IsName(string text) =>
        text is not ("" or "." or "..") && text.Length <= MaxName && !text.Contains('/') && !text.Any(char.IsControl);
}
