using System.Globalization;
using System.Text.Json;

namespace Pewter.Tree;

/// <summary>A moment, in ISO 8601 and UTC. Queries compare with a moment or a date: <c>since&gt;2026-01-31</c>.</summary>
internal sealed class TimeField<T>(string name, Func<T, DateTimeOffset?> get, bool isIndexed) : Field<T>(name, isIndexed)
{
    public override bool IsNumeric => true;

    public override void Collect(T item, List<FieldValue> values)
    {
        if (get(item) is { } time)
        {
            values.Add(new(null, time.UtcTicks));
        }
    }

    public override bool TryParse(string text, out FieldValue value)
    {
        var ok = DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var time);
        value = new(null, time.UtcTicks);
        return ok;
    }

    public override string Format(FieldValue value) => Text(new DateTimeOffset(value.Number, TimeSpan.Zero));

    public override void WriteStatus(Logfmt line, T item)
    {
        if (get(item) is { } time)
        {
            line.Pair(Name, Text(time));
        }
    }

    public override void WriteJson(Utf8JsonWriter json, T item)
    {
        if (get(item) is { } time)
        {
            json.WriteString(Name, Text(time));
        }
    }

    private static string Text(DateTimeOffset time) =>
        time.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss.FFFFFF'Z'", CultureInfo.InvariantCulture);
}
