using System.Globalization;

namespace Pewter.Configuration;

/// <summary>Lengths of time as people write them: <c>500ms</c>, <c>30s</c>, <c>5m</c>, <c>2h</c>, <c>1d</c>; a bare number is seconds.</summary>
public static class Duration
{
    private static readonly (string Unit, double Seconds)[] Units = [("ms", 0.001), ("s", 1), ("m", 60), ("h", 3600), ("d", 86400)];

    /// <summary>Reads a duration; false when the text is none, or is negative.</summary>
    public static bool TryParse(string text, out TimeSpan duration)
    {
        ArgumentNullException.ThrowIfNull(text);
        var (unit, seconds) = Units.FirstOrDefault(unit => text.EndsWith(unit.Unit, StringComparison.Ordinal));
        var number = text.AsSpan(0, text.Length - (unit?.Length ?? 0));
        var style = NumberStyles.AllowDecimalPoint;
        if (double.TryParse(number, style, CultureInfo.InvariantCulture, out var value) && value <= TimeSpan.MaxValue.TotalSeconds / 86400)
        {
            duration = TimeSpan.FromSeconds(value * (unit is null ? 1 : seconds));
            return true;
        }

        duration = default;
        return false;
    }

    /// <summary>Writes a duration shortly: <c>450ms</c>, <c>12s</c>, <c>3m5s</c>, <c>2h1m</c>, <c>4d3h</c>.</summary>
    public static string Format(TimeSpan duration) => duration switch
    {
        { TotalSeconds: < 1 } => string.Create(CultureInfo.InvariantCulture, $"{(int)duration.TotalMilliseconds}ms"),
        { TotalMinutes: < 1 } => string.Create(CultureInfo.InvariantCulture, $"{(int)duration.TotalSeconds}s"),
        { TotalHours: < 1 } => string.Create(CultureInfo.InvariantCulture, $"{duration.Minutes}m{duration.Seconds}s"),
        { TotalDays: < 1 } => string.Create(CultureInfo.InvariantCulture, $"{duration.Hours}h{duration.Minutes}m"),
        _ => string.Create(CultureInfo.InvariantCulture, $"{duration.Days}d{duration.Hours}h"),
    };
}
