namespace Pewter.Configuration;

/// <summary>A setting as written.</summary>
/// <param name="Items">The value's text, or that of each item of a list.</param>
/// <param name="IsList">Whether it was written as a list.</param>
/// <param name="Location">Where.</param>
public sealed record ConfigurationValue(IReadOnlyList<string> Items, bool IsList, SourceLocation Location)
{
    /// <summary>A single value.</summary>
    public static ConfigurationValue Single(string text, SourceLocation location) => new([text], false, location);
}
