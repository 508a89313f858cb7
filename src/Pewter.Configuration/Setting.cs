namespace Pewter.Configuration;

/// <summary>A key that may be set, and what it means. An unknown key is compared with the list of all of them.</summary>
/// <param name="Key">The path in the YAML file: <c>log.level</c>.</param>
/// <param name="Kind">What values it takes.</param>
/// <param name="Help">A line for people.</param>
public sealed record Setting(string Key, SettingKind Kind, string Help)
{
    /// <summary>The words that a <see cref="SettingKind.Choice"/> may be.</summary>
    public IReadOnlyList<string> Choices { get; init; } = [];

    /// <summary>The environment's name for it: <c>PEWTER_LOG_LEVEL</c>.</summary>
    public string Variable { get; } = "PEWTER_" + Key.Replace('.', '_').Replace('-', '_').ToUpperInvariant();
}

/// <summary>The kinds of values.</summary>
public enum SettingKind
{
    /// <summary>Any text.</summary>
    Text,

    /// <summary>A list of texts; the environment separates them by commas.</summary>
    List,

    /// <summary><c>true</c> or <c>false</c>.</summary>
    Switch,

    /// <summary>A whole number, not negative.</summary>
    Number,

    /// <summary>A length of time: <c>500ms</c>, <c>30s</c>, <c>5m</c>, <c>2h</c>, <c>1d</c>.</summary>
    Duration,

    /// <summary>One of a few words.</summary>
    Choice,
}
