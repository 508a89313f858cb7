using System.Text.Json;

namespace Pewter.Tree;

/// <summary>Yes or no.</summary>
internal sealed class FlagField<T>(string name, Func<T, bool> get, bool isIndexed) : Field<T>(name, isIndexed)
{
    public override void Collect(T item, List<FieldValue> values) => values.Add(new(Word(get(item)), 0));

    public override bool TryParse(string text, out FieldValue value)
    {
        value = new(text, 0);
        return text is "true" or "false";
    }

    public override string Format(FieldValue value) => value.Text!;

    public override void WriteStatus(Logfmt line, T item) => line.Pair(Name, Word(get(item)));

    public override void WriteJson(Utf8JsonWriter json, T item) => json.WriteBoolean(Name, get(item));

    private static string Word(bool value) => value ? "true" : "false";
}
