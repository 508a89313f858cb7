using System.Globalization;
using System.Text;

namespace Pewter.Doors.Metrics;

/// <summary>What a metric's numbers mean to Prometheus.</summary>
public enum MetricKind
{
    /// <summary>Goes up and down.</summary>
    Gauge,

    /// <summary>Only grows, from the start of the process; its name ends with <c>_total</c>.</summary>
    Counter,
}

/// <summary>
/// Writes Prometheus' text format 0.0.4: families of samples, each with its help and kind, no name twice. Wrong names are mistakes of the
/// program and throw. Used by one scrape.
/// </summary>
public sealed class MetricsText
{
    private readonly StringBuilder _text = new();
    private readonly HashSet<string> _families = new(StringComparer.Ordinal);
    private string _family = "";

    /// <summary>Begins a family; its samples follow.</summary>
    /// <param name="name">In snake case, base units, with a unit suffix: <c>pewter_door_bytes_total</c>.</param>
    /// <param name="kind">What its numbers mean.</param>
    /// <param name="help">One sentence.</param>
    public void Family(string name, MetricKind kind, string help)
    {
        if (!IsName(name) || (kind == MetricKind.Counter) != name.EndsWith("_total", StringComparison.Ordinal))
            throw new ArgumentException($"{name} is no name of a {kind}.", nameof(name));
        if (!_families.Add(name))
            throw new ArgumentException($"{name} is written twice.", nameof(name));
        _family = name;
        _text.Append("# HELP ").Append(name).Append(' ');
        AppendEscaped(help, quoted: false);
        _text.Append("\n# TYPE ").Append(name).Append(kind == MetricKind.Gauge ? " gauge\n" : " counter\n");
    }

    /// <summary>Writes a sample of the family that was begun last. Within a family each set of labels comes once.</summary>
    public void Sample(double value, params ReadOnlySpan<(string Name, string Value)> labels)
    {
        _text.Append(_family);
        var separator = '{';
        foreach (var (name, label) in labels)
        {
            if (!IsName(name) || name.Contains(':', StringComparison.Ordinal))
                throw new ArgumentException($"{name} is no name of a label.", nameof(labels));
            _text.Append(separator).Append(name).Append("=\"");
            AppendEscaped(label, quoted: true);
            _text.Append('"');
            separator = ',';
        }

        if (separator == ',')
            _text.Append('}');
        _text.Append(' ').Append(Number(value)).Append('\n');
    }

    /// <summary>All that was written.</summary>
    public override string ToString() => _text.ToString();

    private static string Number(double value) => value switch
    {
        double.PositiveInfinity => "+Inf",
        double.NegativeInfinity => "-Inf",
        double.NaN => "NaN",
        _ => value.ToString("R", CultureInfo.InvariantCulture),
    };

    private static bool IsName(string name) =>
        name.Length > 0 && !char.IsAsciiDigit(name[0]) && name.All(letter => char.IsAsciiLetterOrDigit(letter) || letter is '_' or ':');

    private void AppendEscaped(string text, bool quoted)
    {
        foreach (var letter in text)
        {
            _ = letter switch
            {
                '\\' => _text.Append(@"\\"),
                '\n' => _text.Append(@"\n"),
                '"' when quoted => _text.Append("\\\""),
                _ => _text.Append(letter),
            };
        }
    }
}
