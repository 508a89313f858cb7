namespace Pewter.Doors.Identity;

/// <summary>The part of the tree that a caller's proof is good for: a path and everything under it.</summary>
/// <param name="Prefix">An absolute path without a slash at its end; "" for the whole tree.</param>
internal readonly record struct PathScope(string Prefix)
{
    /// <summary>The whole tree.</summary>
    public static PathScope Whole { get; } = new("");

    public bool IsWhole => Prefix.Length == 0;

    public static PathScope Of(string path) => new(path.TrimEnd('/'));

    /// <summary>Whether an absolute path lies inside or on the way there.</summary>
    public bool Concerns(string path) => Contains(path) || new PathScope(path).Contains(Prefix);

    /// <summary>Whether an absolute path lies inside.</summary>
    public bool Contains(string path) =>
        IsWhole || path == Prefix || (path.StartsWith(Prefix, StringComparison.Ordinal) && path[Prefix.Length] == '/');
}
