using System.Text.Json;

namespace Pewter.Tree;

/// <summary>
/// What there is to say about an object, declared once: each field is a pair of the status line, a property of the json, and a key of
/// queries. An indexed key answers queries without looking at every object; it costs about 20 bytes an object.
/// </summary>
/// <remarks>The getters must be cheap and must not wait; null leaves the field out. Filled once, then shared.</remarks>
/// <typeparam name="T">The object.</typeparam>
public sealed class Fields<T>
{
    private readonly List<Field<T>> _all = [];

    internal IReadOnlyList<Field<T>> All => _all;

    /// <summary>A text.</summary>
    public Fields<T> Text(string name, Func<T, string?> get, bool indexed = false) => Add(new TextField<T>(name, get, indexed));

    /// <summary>A whole number.</summary>
    public Fields<T> Int(string name, Func<T, long?> get, bool indexed = false) => Add(new WholeField<T>(name, get, indexed));

    /// <summary>A size in bytes.</summary>
    public Fields<T> Size(string name, Func<T, long?> get, bool indexed = false) => Add(new WholeField<T>(name, get, indexed));

    /// <summary>A number with a fraction.</summary>
    public Fields<T> Number(string name, Func<T, double?> get, bool indexed = false) =>
        Add(new NumberField<T>(name, get, isDuration: false, indexed));

    /// <summary>A length of time: seconds, in json as a number.</summary>
    public Fields<T> Duration(string name, Func<T, TimeSpan?> get, bool indexed = false) =>
        Add(new NumberField<T>(name, item => get(item)?.TotalSeconds, isDuration: true, indexed));

    /// <summary>A moment.</summary>
    public Fields<T> Time(string name, Func<T, DateTimeOffset?> get, bool indexed = false) => Add(new TimeField<T>(name, get, indexed));

    /// <summary>Yes or no.</summary>
    public Fields<T> Flag(string name, Func<T, bool> get, bool indexed = false) => Add(new FlagField<T>(name, get, indexed));

    /// <summary>A set of words. A bare word in a query asks for one of them.</summary>
    public Fields<T> Tags(string name, Func<T, IReadOnlyCollection<string>> get, bool indexed = true) =>
        Add(new TagsField<T>(name, get, indexed));

    /// <summary>A value with inner structure, in json only. The delegate writes one value.</summary>
    public Fields<T> Json(string name, Action<Utf8JsonWriter, T> write) => Add(new NestedField<T>(name, write));

    internal Fields<T> Add(Field<T> field)
    {
        if (_all.Exists(other => other.Name == field.Name))
        {
            throw new ArgumentException($"There is a field {field.Name} already.", nameof(field));
        }

        _all.Add(field);
        return this;
    }

    internal Fields<T> AddAll<TPart>(Fields<TPart> others, Func<T, TPart> part)
    {
        others._all.ForEach(field => Add(new LiftedField<T, TPart>(field, part)));
        return this;
    }

    internal void WriteStatus(Logfmt line, T item)
    {
        foreach (var field in _all)
        {
            field.WriteStatus(line, item);
        }
    }

    internal void WriteJson(Utf8JsonWriter json, T item)
    {
        foreach (var field in _all)
        {
            field.WriteJson(json, item);
        }
    }
}
