using System.Text.Json;

namespace Pewter.CommandLine.Output;

/// <summary>
/// How rows of one kind are printed, declared once: the columns for people, the name, and the fields of JSON and YAML. A command states its table
/// and hands rows to <see cref="OutputWriter"/>.
/// </summary>
/// <typeparam name="T">A row.</typeparam>
public sealed class Table<T>
{
    private readonly List<TableColumn> _columns = [];

    /// <summary>Creates a table.</summary>
    /// <param name="name">What <c>-o name</c> prints of a row.</param>
    public Table(Func<T, string> name) => Name = name;

    /// <summary>What <c>-o name</c> prints of a row.</summary>
    public Func<T, string> Name { get; }

    internal IReadOnlyList<TableColumn> Columns => _columns;

    /// <summary>Adds a column of text.</summary>
    public Table<T> Text(string field, Func<T, string?> value) =>
        Add(new TableColumn(field, false, row => value(row) ?? "", (json, row) => json.WriteString(field, value(row))));

    /// <summary>Adds a column of numbers: to the right for people, a number in JSON.</summary>
    /// <param name="field">The field's name; its column is headed by it in capitals.</param>
    /// <param name="value">The number.</param>
    /// <param name="text">How people see it.</param>
    public Table<T> Number(string field, Func<T, long> value, Func<long, string>? text = null) => Add(new TableColumn(
        field,
        true,
        row => text is null ? value(row).ToString(System.Globalization.CultureInfo.InvariantCulture) : text(value(row)),
        (json, row) => json.WriteNumber(field, value(row))));

    /// <summary>Adds a column of yes and no.</summary>
    public Table<T> Flag(string field, Func<T, bool> value) =>
        Add(new TableColumn(field, false, row => value(row) ? "yes" : "no", (json, row) => json.WriteBoolean(field, value(row))));

    /// <summary>Adds a field that people do not see and programs do.</summary>
    public Table<T> Hidden(string field, Action<Utf8JsonWriter, T> write) => Add(new TableColumn(field, false, null, (json, row) =>
    {
        json.WritePropertyName(field);
        write(json, row);
    }));

    /// <summary>Adds a column with its own way to be written; null leaves it out of JSON.</summary>
    public Table<T> Column(string field, Func<T, string> text, Action<Utf8JsonWriter, T>? write) =>
        Add(new TableColumn(field, false, text, (json, row) =>
    {
        if (write is not null)
        {
            json.WritePropertyName(field);
            write(json, row);
        }
    }));

    /// <summary>Adds fields that people do not see and whose names depend on the row: the action writes names and values.</summary>
    public Table<T> Hidden(Action<Utf8JsonWriter, T> write) => Add(new TableColumn("", false, null, write));

    internal void WriteJson(Utf8JsonWriter json, T row)
    {
        json.WriteStartObject();
        foreach (var column in _columns)
        {
            column.Write(json, row);
        }

        json.WriteEndObject();
    }

    private Table<T> Add(TableColumn column)
    {
        _columns.Add(column);
        return this;
    }

    internal sealed record TableColumn(string Field, bool IsRight, Func<T, string>? Text, Action<Utf8JsonWriter, T> Write)
    {
        public string Heading { get; } = Field.Replace('_', ' ').ToUpperInvariant();
    }
}
