namespace Pewter.Configuration;

/// <summary>
/// Gathers settings from files, the environment and flags. Everything that is wrong anywhere is collected, and thrown together at the end.
/// </summary>
public sealed class SettingsLoader
{
    private readonly SettingSchema _schema;
    private readonly Dictionary<string, ConfigurationValue> _values = new(StringComparer.Ordinal);
    private readonly List<ConfigurationError> _errors = [];

    /// <summary>Creates a loader for settings of this schema.</summary>
    public SettingsLoader(SettingSchema schema) => _schema = schema;

    /// <summary>Adds a YAML file, over what was added before. A file that is not there is no error.</summary>
    public SettingsLoader AddFile(string path)
    {
        try
        {
            using var reader = new StreamReader(path);
            AddYaml(path, reader);
        }
        catch (Exception exception) when (exception is FileNotFoundException or DirectoryNotFoundException)
        {
            // Having no configuration is the usual case.
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            _errors.Add(new ConfigurationError(new SourceLocation(path), $"The file cannot be read: {exception.Message}"));
        }

        return this;
    }

    /// <summary>Adds the <c>*.yaml</c> files of a directory in the order of their names, each over the ones before.</summary>
    public SettingsLoader AddDirectory(string path)
    {
        if (Directory.Exists(path))
        {
            foreach (var file in Directory.EnumerateFiles(path, "*.yaml").Order(StringComparer.Ordinal))
            {
                AddFile(file);
            }
        }

        return this;
    }

    /// <summary>Adds YAML text.</summary>
    /// <param name="name">What errors call it.</param>
    /// <param name="reader">The text.</param>
    public SettingsLoader AddYaml(string name, TextReader reader)
    {
        foreach (var (key, value) in YamlSettings.Read(name, reader, _errors))
        {
            Set(key, value);
        }

        return this;
    }

    /// <summary>
    /// Adds the variables that belong to settings. Others that begin with PEWTER_ are not ours to judge: programs share the prefix.
    /// </summary>
    public SettingsLoader AddEnvironment(Func<string, string?> variable)
    {
        ArgumentNullException.ThrowIfNull(variable);
        foreach (var setting in _schema.Settings)
        {
            if (variable(setting.Variable) is { Length: > 0 } text)
            {
                var isList = setting.Kind == SettingKind.List;
                var items = isList ? text.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries) : [text];
                Set(setting.Key, new ConfigurationValue(items, isList, new SourceLocation("$" + setting.Variable)));
            }
        }

        return this;
    }

    /// <summary>Adds what a flag said; nothing when it was not given.</summary>
    public SettingsLoader AddFlag(string flag, string key, string? text) => text is null ? this : AddFlag(flag, key, [text], false);

    /// <summary>Adds what a flag that may be given often said; nothing when it was not given.</summary>
    public SettingsLoader AddFlag(string flag, string key, IReadOnlyList<string> items) => items.Count == 0 ? this : AddFlag(flag, key, items, true);

    /// <summary>The merged settings.</summary>
    /// <exception cref="ConfigurationException">Something is wrong; all of it.</exception>
    public Settings Load() => _errors.Count == 0 ? new Settings(_values) : throw new ConfigurationException(_errors);

    private SettingsLoader AddFlag(string flag, string key, IReadOnlyList<string> items, bool isList)
    {
        Set(key, new ConfigurationValue(items, isList, new SourceLocation(flag)));
        return this;
    }

    private void Set(string key, ConfigurationValue value)
    {
        _schema.Check(key, value, _errors);
        _values[key] = value;
    }
}
