using System.Globalization;

namespace Pewter.Configuration;

/// <summary>Where a setting was written: a line of a file, a variable of the environment, or a flag of the command line.</summary>
/// <param name="Source">The file's path, <c>$NAME</c> or <c>--flag</c>.</param>
/// <param name="Line">The line in the file, from 1; 0 where there are no lines.</param>
public readonly record struct SourceLocation(string Source, int Line = 0)
{
    /// <inheritdoc/>
    public override string ToString() => Line == 0 ? Source : string.Create(CultureInfo.InvariantCulture, $"{Source}:{Line}");
}
