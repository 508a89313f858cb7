using System.Text.Json;

namespace Pewter.Tree;

/// <summary>A field of a part, seen as a field of the whole.</summary>
internal sealed class LiftedField<TOuter, T>(Field<T> inner, Func<TOuter, T> part) : Field<TOuter>(inner.Name, inner.IsIndexed)
{
    public override bool IsKey => inner.IsKey;

    public override bool IsNumeric => inner.IsNumeric;

    public override bool IsTags => inner.IsTags;

    public override void Collect(TOuter item, List<FieldValue> values) => inner.Collect(part(item), values);

    public override bool TryParse(string text, out FieldValue value) => inner.TryParse(text, out value);

    public override string Format(FieldValue value) => inner.Format(value);

    public override void WriteStatus(Logfmt line, TOuter item) => inner.WriteStatus(line, part(item));

    public override void WriteJson(Utf8JsonWriter json, TOuter item) => inner.WriteJson(json, part(item));
}
