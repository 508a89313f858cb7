namespace Pewter.Configuration;

/// <summary>The configuration is wrong. All that is wrong with it is told together, so that it is mended in one go.</summary>
public sealed class ConfigurationException : Exception
{
    /// <summary>Creates the exception.</summary>
    public ConfigurationException(IReadOnlyList<ConfigurationError> errors)
        : base(string.Join('\n', errors.Select(error => error.ToString()))) => Errors = errors;

    /// <summary>What is wrong, in the order of the files.</summary>
    public IReadOnlyList<ConfigurationError> Errors { get; }
}
