using System.Globalization;

namespace Pewter.Configuration;

/// <summary>Settings merged from all sources: flag over environment over user file over system file. Immutable.</summary>
public sealed class Settings
{
    private readonly IReadOnlyDictionary<string, ConfigurationValue> _values;

    internal Settings(IReadOnlyDictionary<string, ConfigurationValue> values) => _values = values;

    /// <summary>The keys that are set anywhere.</summary>
    public IEnumerable<string> Keys => _values.Keys;

    /// <summary>Where the value in force was written; null when the setting is at its default.</summary>
    public SourceLocation? LocationOf(string key) => _values.TryGetValue(key, out var value) ? value.Location : null;

    /// <summary>A text or a choice.</summary>
    public string? Text(string key) => _values.TryGetValue(key, out var value) && value.Items is [var text, ..] ? text : null;

    /// <summary>A list; empty when not set.</summary>
    public IReadOnlyList<string> List(string key) => _values.TryGetValue(key, out var value) ? value.Items : [];

    /// <summary>A switch.</summary>
    public bool Switch(string key, bool byDefault = false) => Text(key) is { } text ? text == "true" : byDefault;

    /// <summary>A whole number.</summary>
    public long Number(string key, long byDefault) => Text(key) is { } text ? long.Parse(text, CultureInfo.InvariantCulture) : byDefault;

    /// <summary>A length of time.</summary>
    public TimeSpan Duration(string key, TimeSpan byDefault) =>
        Text(key) is { } text && Configuration.Duration.TryParse(text, out var duration) ? duration : byDefault;
}
