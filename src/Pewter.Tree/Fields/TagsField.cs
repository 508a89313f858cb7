using System.Text.Json;

namespace Pewter.Tree;

/// <summary>A set of words; a bare word in a query asks for one of them.</summary>
internal sealed class TagsField<T>(string name, Func<T, IReadOnlyCollection<string>> get, bool isIndexed) : Field<T>(name, isIndexed)
{
    public override bool IsTags => true;

    public override void Collect(T item, List<FieldValue> values)
    {
        foreach (var tag in get(item))
        {
            values.Add(new(tag, 0));
        }
    }

    public override bool TryParse(string text, out FieldValue value)
    {
        value = new(text, 0);
        return true;
    }

    public override string Format(FieldValue value) => value.Text!;

    public override void WriteStatus(Logfmt line, T item)
    {
        var tags = get(item);
        line.Pair(Name, tags.Count == 0 ? null : string.Join(',', tags));
    }

    public override void WriteJson(Utf8JsonWriter json, T item)
    {
        json.WriteStartArray(Name);
        foreach (var tag in get(item))
        {
            json.WriteStringValue(tag);
        }

        json.WriteEndArray();
    }
}
