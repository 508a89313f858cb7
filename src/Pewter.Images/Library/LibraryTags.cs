using Pewter.NineP;

namespace Pewter.Images.Library;

/// <summary>Changes sets of tags. Pure.</summary>
internal static class LibraryTags
{
    private const int LongestTag = 64;

    /// <summary>Adds words, and takes away those that begin with '-'.</summary>
    /// <exception cref="FileException">EINVAL: a word cannot be a tag, or there are too many.</exception>
    public static IReadOnlyList<string> Change(IReadOnlyList<string> tags, IReadOnlyList<string> words, ImageLimits limits)
    {
        var changed = tags.ToList();
        foreach (var word in words)
        {
            var tag = word.TrimStart('-');
            if (tag.Length is 0 or > LongestTag || tag.AsSpan().IndexOfAny(" /,\n") >= 0)
            {
                throw new FileException(Errno.EINVAL, $"'{word}' cannot be a tag: a word of at most {LongestTag} characters without '/' and ','.");
            }

            changed.Remove(tag);
            if (word[0] != '-')
            {
                changed.Add(tag);
            }
        }

        return changed.Count <= limits.Tags ? changed : throw new FileException(Errno.EINVAL, $"There may be {limits.Tags} tags.");
    }
}
