using System.Globalization;
using System.Text.Json;

namespace Pewter.Tree;

/// <summary>A whole number: a count, or a size in bytes. Queries may use units for both.</summary>
internal sealed class WholeField<T>(string name, Func<T, long?> get, bool isIndexed) : Field<T>(name, isIndexed)
{
    public override bool IsNumeric => true;

    public override void Collect(T item, List<FieldValue> values)
    {
        if (get(item) is { } number)
        {
            values.Add(new(null, number));
        }
    }

    public override bool TryParse(string text, out FieldValue value)
    {
        var ok = Quantity.TryParseSize(text, out var number);
        value = new(null, number);
        return ok;
    }

    public override string Format(FieldValue value) => value.Number.ToString(CultureInfo.InvariantCulture);

    public override void WriteStatus(Logfmt line, T item)
    {
        if (get(item) is { } number)
        {
            line.Pair(Name, number);
        }
    }

    public override void WriteJson(Utf8JsonWriter json, T item)
    {
        if (get(item) is { } number)
        {
            json.WriteNumber(Name, number);
        }
    }
}
