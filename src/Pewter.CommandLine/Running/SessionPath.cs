namespace Pewter.CommandLine.Running;

/// <summary>What a person writes for processes: an id, a path, or a query.</summary>
internal static class SessionPath
{
    /// <summary>The directory in the tree: <c>/proc/7/3</c> for an id, <c>/proc/query/user=lab</c> for a query; a path is what it is.</summary>
    public static string Of(string text) =>
        text.StartsWith('/') ? text.TrimEnd('/')
        : text.Length > 0 && char.IsAsciiDigit(text[0]) && text.All(c => char.IsAsciiDigit(c) || c == '/') ? "/proc/" + text.TrimEnd('/')
        : "/proc/query/" + text.Trim('/');
}
