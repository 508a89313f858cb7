using System.Globalization;

namespace Pewter.Sdk;

/// <summary>A line of a group's output: the number of its process, a colon, a blank, and the line itself.</summary>
public static class TaggedLine
{
    /// <summary>Takes a line apart; false when it has no tag.</summary>
    public static bool TryParse(ReadOnlySpan<char> line, out int index, out ReadOnlySpan<char> text)
    {
        var colon = line.IndexOf(": ", StringComparison.Ordinal);
        var isTagged = colon > 0 & int.TryParse(line[..Math.Max(0, colon)], NumberStyles.None, CultureInfo.InvariantCulture, out index);
        text = isTagged ? line[(colon + 2)..] : default;
        return isTagged;
    }
}
