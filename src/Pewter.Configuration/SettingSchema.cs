using System.Globalization;

namespace Pewter.Configuration;

/// <summary>The settings that exist. Immutable.</summary>
public sealed class SettingSchema
{
    private readonly Dictionary<string, Setting> _settings;

    /// <summary>Creates a schema of these settings.</summary>
    public SettingSchema(IEnumerable<Setting> settings) => _settings = settings.ToDictionary(setting => setting.Key, StringComparer.Ordinal);

    /// <summary>All settings.</summary>
    public IReadOnlyCollection<Setting> Settings => _settings.Values;

    internal void Check(string key, ConfigurationValue value, List<ConfigurationError> errors)
    {
        if (!_settings.TryGetValue(key, out var setting))
        {
            errors.Add(new ConfigurationError(value.Location, $"There is no setting '{key}'.{Suggestion.Sentence(key, _settings.Keys)}"));
        }
        else if (value.IsList && setting.Kind != SettingKind.List)
        {
            errors.Add(new ConfigurationError(value.Location, $"'{key}' takes one value, not a list."));
        }
        else
        {
            foreach (var problem in value.Items.Select(item => Problem(setting, item)).OfType<string>())
            {
                errors.Add(new ConfigurationError(value.Location, $"'{key}' {problem}"));
            }
        }
    }

    private static string? Problem(Setting setting, string text) => setting.Kind switch
    {
        SettingKind.Switch when text is not ("true" or "false") => $"is true or false, not '{text}'.",
        SettingKind.Number when !ulong.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out _) => $"is a whole number, not '{text}'.",
        SettingKind.Duration when !Duration.TryParse(text, out _) => $"is a length of time such as 30s or 5m, not '{text}'.",
        SettingKind.Choice when !setting.Choices.Contains(text) =>
            $"is one of {string.Join(", ", setting.Choices)}, not '{text}'.{Suggestion.Sentence(text, setting.Choices)}",
        _ => null,
    };
}
