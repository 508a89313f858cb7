using Pewter.NineP;

namespace Pewter.Tree;

/// <summary>How a query compares.</summary>
internal enum Comparison
{
    /// <summary><c>=</c> one of the values.</summary>
    Equal,

    /// <summary><c>!=</c> none of the values; also true without a value.</summary>
    NotEqual,

    /// <summary><c>&lt;</c>.</summary>
    Less,

    /// <summary><c>&lt;=</c>.</summary>
    LessOrEqual,

    /// <summary><c>&gt;</c>.</summary>
    Greater,

    /// <summary><c>&gt;=</c>.</summary>
    GreaterOrEqual,

    /// <summary><c>~</c> a pattern with * and ?; without either, anywhere in the value.</summary>
    Like,
}

/// <summary>One condition of a query on one field. Immutable.</summary>
internal sealed class Predicate<T>
{
    private readonly Comparison _comparison;
    private readonly IReadOnlyList<FieldValue> _values;
    private readonly IReadOnlyList<string> _patterns;

    /// <summary>Creates the condition. EINVAL when a value does not fit the field.</summary>
    public Predicate(Field<T> field, Comparison comparison, IReadOnlyList<string> words)
    {
        (Field, _comparison) = (field, comparison);
        _patterns = comparison == Comparison.Like ? [.. words.Select(word => word.AsSpan().ContainsAny('*', '?') ? word : $"*{word}*")] : [];
        _values = comparison == Comparison.Like ? [] : [.. words.Select(Parse)];
        if (_values.Count > 1 && comparison is not (Comparison.Equal or Comparison.NotEqual))
        {
            throw new FileException(Errno.EINVAL, $"{field.Name}: a comparison takes one value, not {words.Count}.");
        }
    }

    /// <summary>The field.</summary>
    public Field<T> Field { get; }

    /// <summary>Whether an object without a value can never match.</summary>
    public bool NeedsValue => _comparison != Comparison.NotEqual;

    /// <summary>The values that match, when it is these and no others.</summary>
    public IReadOnlyList<FieldValue>? Exact => _comparison == Comparison.Equal ? _values : null;

    /// <summary>No number below this matches.</summary>
    public FieldValue Lowest => new(null, _comparison is Comparison.Greater or Comparison.GreaterOrEqual ? _values[0].Number : long.MinValue);

    /// <summary>No number above this matches.</summary>
    public FieldValue Highest => new(null, _comparison is Comparison.Less or Comparison.LessOrEqual ? _values[0].Number : long.MaxValue);

    /// <summary>Whether an object matches.</summary>
    /// <param name="item">The object.</param>
    /// <param name="scratch">A list to use.</param>
    public bool Holds(T item, List<FieldValue> scratch)
    {
        scratch.Clear();
        Field.Collect(item, scratch);
        return _comparison == Comparison.NotEqual ? !scratch.Exists(_values.Contains) : scratch.Exists(Accepts);
    }

    /// <summary>Whether a value matches.</summary>
    public bool Accepts(FieldValue value) => _comparison switch
    {
        Comparison.Equal => _values.Contains(value),
        Comparison.NotEqual => !_values.Contains(value),
        Comparison.Like => _patterns.Any(pattern => Glob.Matches(pattern, Field.Format(value))),
        Comparison.Less => value.CompareTo(_values[0]) < 0,
        Comparison.LessOrEqual => value.CompareTo(_values[0]) <= 0,
        Comparison.Greater => value.CompareTo(_values[0]) > 0,
        _ => value.CompareTo(_values[0]) >= 0,
    };

    private FieldValue Parse(string word) => Field.TryParse(word, out var value)
        ? value : throw new FileException(Errno.EINVAL, $"'{word}' is no value of {Field.Name}.");
}
