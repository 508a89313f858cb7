using System.Text.Json;

namespace Pewter.Tree;

/// <summary>One declared field of an object: how it is shown in <c>status</c> and <c>json</c>, and how queries see it.</summary>
internal abstract class Field<T>(string name, bool isIndexed)
{
    /// <summary>The name in status, json and queries.</summary>
    public string Name => name;

    /// <summary>Whether queries find it by an index.</summary>
    public bool IsIndexed => isIndexed;

    /// <summary>Whether a query can ask for it.</summary>
    public virtual bool IsKey => true;

    /// <summary>Whether its values are numbers, so that ranges of them make sense to an index.</summary>
    public virtual bool IsNumeric => false;

    /// <summary>Whether a bare word in a query is looked for here.</summary>
    public virtual bool IsTags => false;

    /// <summary>Adds the values that the item has: none, one, or for tags many.</summary>
    public abstract void Collect(T item, List<FieldValue> values);

    /// <summary>Reads a value as a query writes it.</summary>
    public abstract bool TryParse(string text, out FieldValue value);

    /// <summary>Writes a value as a query would write it.</summary>
    public abstract string Format(FieldValue value);

    /// <summary>Adds the pair to a status line; nothing when there is no value.</summary>
    public abstract void WriteStatus(Logfmt line, T item);

    /// <summary>Adds the property to a JSON object; nothing when there is no value.</summary>
    public abstract void WriteJson(Utf8JsonWriter json, T item);
}
