using System.Text;

namespace Pewter.Tree;

/// <summary>What may be a name of a file.</summary>
public static class FileNames
{
    /// <summary>The longest name, in bytes: Linux's <c>NAME_MAX</c>.</summary>
    public const int MaxBytes = 255;

    /// <summary>Whether a text can be the name of a file: not empty, "." or "..", without '/' and NUL, at most 255 bytes.</summary>
    public static bool IsValid(string name) =>
        name.Length > 0 && name is not ("." or "..") && name.AsSpan().IndexOfAny('/', '\0') < 0
        && (name.Length <= MaxBytes / 3 || Encoding.UTF8.GetByteCount(name) <= MaxBytes);

    internal static void Check(string name)
    {
        if (!IsValid(name))
        {
            throw new ArgumentException($"'{name}' cannot be the name of a file.", nameof(name));
        }
    }
}
