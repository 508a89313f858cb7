namespace Pewter.Configuration;

/// <summary>One thing that is wrong with the configuration, and where.</summary>
/// <param name="Location">Where it was written.</param>
/// <param name="Message">A sentence that says what is wrong and what to do.</param>
public sealed record ConfigurationError(SourceLocation Location, string Message)
{
    /// <inheritdoc/>
    public override string ToString() => $"{Location}: {Message}";
}
