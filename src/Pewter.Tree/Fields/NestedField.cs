using System.Text.Json;

namespace Pewter.Tree;

/// <summary>A value with inner structure: in json only.</summary>
internal sealed class NestedField<T>(string name, Action<Utf8JsonWriter, T> write) : Field<T>(name, isIndexed: false)
{
    public override bool IsKey => false;

    public override void Collect(T item, List<FieldValue> values)
    {
    }

    public override bool TryParse(string text, out FieldValue value)
    {
        value = default;
        return false;
    }

    public override string Format(FieldValue value) => "";

    public override void WriteStatus(Logfmt line, T item)
    {
    }

    public override void WriteJson(Utf8JsonWriter json, T item)
    {
        json.WritePropertyName(Name);
        write(json, item);
    }
}
