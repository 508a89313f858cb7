using System.Text.Json;

namespace Pewter.Tree;

/// <summary>A text.</summary>
internal sealed class TextField<T>(string name, Func<T, string?> get, bool isIndexed) : Field<T>(name, isIndexed)
{
    public override void Collect(T item, List<FieldValue> values)
    {
        if (get(item) is { } text)
        {
            values.Add(new(text, 0));
        }
    }

    public override bool TryParse(string text, out FieldValue value)
    {
        value = new(text, 0);
        return true;
    }

    public override string Format(FieldValue value) => value.Text!;

    public override void WriteStatus(Logfmt line, T item) => line.Pair(Name, get(item));

    public override void WriteJson(Utf8JsonWriter json, T item)
    {
        if (get(item) is { } text)
        {
            json.WriteString(Name, text);
        }
    }
}
