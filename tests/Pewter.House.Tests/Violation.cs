namespace Pewter.House.Tests;

/// <summary>A rule, where it is broken, and by what.</summary>
internal sealed record Violation(string Rule, string Path, int Line, string What)
{
    public override string ToString() => $"{Path}:{Line}: {Rule}: {What}";
}
