using System.Globalization;
using System.Text.Json;

namespace Pewter.Tree;

/// <summary>A number with a fraction, or a length of time, which is a number of seconds.</summary>
internal sealed class NumberField<T>(string name, Func<T, double?> get, bool isDuration, bool isIndexed) : Field<T>(name, isIndexed)
{
    public override bool IsNumeric => true;

    public override void Collect(T item, List<FieldValue> values)
    {
        if (get(item) is { } number)
        {
            values.Add(FieldValue.Of(number));
        }
    }

    public override bool TryParse(string text, out FieldValue value)
    {
        if (isDuration)
        {
            var isTime = Quantity.TryParseDuration(text, out var time);
            value = FieldValue.Of(time.TotalSeconds);
            return isTime;
        }

        var isNumber = double.TryParse(text, CultureInfo.InvariantCulture, out var number);
        if (!isNumber && Quantity.TryParseSize(text, out var size))
        {
            (isNumber, number) = (true, size);
        }

        value = FieldValue.Of(number);
        return isNumber && !double.IsNaN(number);
    }

    public override string Format(FieldValue value) =>
        value.ToDouble().ToString("0.######", CultureInfo.InvariantCulture) + (isDuration ? "s" : "");

    public override void WriteStatus(Logfmt line, T item)
    {
        if (get(item) is { } number)
        {
            _ = isDuration ? line.Pair(Name, TimeSpan.FromSeconds(number)) : line.Pair(Name, number);
        }
    }

    public override void WriteJson(Utf8JsonWriter json, T item)
    {
        if (get(item) is { } number && double.IsFinite(number))
        {
            json.WriteNumber(Name, number);
        }
    }
}
