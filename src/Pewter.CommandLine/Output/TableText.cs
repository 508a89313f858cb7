using System.Text;

namespace Pewter.CommandLine.Output;

/// <summary>Tables for people: columns aligned, two spaces between them, no lines drawn, so that grep and awk still work.</summary>
internal static class TableText
{
    public static string Render<T>(Table<T> table, IReadOnlyList<T> rows, TextStyle style)
    {
        var columns = table.Columns.Where(column => column.Text is not null).ToList();
        var cells = rows.Select(row => columns.Select(column => column.Text!(row)).ToArray()).ToList();
        var widths = columns.Select((column, c) => cells.Select(row => Width(row[c])).Append(column.Heading.Length).Max()).ToArray();
        var text = new StringBuilder();
        text.Append(style.Strong(Line(columns, [.. columns.Select(column => column.Heading)], widths))).Append('\n');
        foreach (var row in cells)
        {
            text.Append(Line(columns, row, widths)).Append('\n');
        }

        return rows.Count == 0 ? "" : text.ToString();
    }

    public static string RenderOne<T>(Table<T> table, T row, TextStyle style)
    {
        var columns = table.Columns.Where(column => column.Text is not null).ToList();
        var width = columns.Max(column => column.Field.Length);
        return string.Concat(columns.Select(column => $"{style.Strong(column.Field.PadRight(width))}  {column.Text!(row)}\n"));
    }

    public static string RenderRow<T>(Table<T> table, T row) =>
        string.Join("  ", table.Columns.Where(column => column.Text is not null).Select(column => column.Text!(row))) + "\n";

    /// <summary>Columns on the screen: colours take none.</summary>
    private static int Width(string cell)
    {
        var width = 0;
        for (var i = 0; i < cell.Length; i++)
        {
            if (cell[i] == '\e')
            {
                i = cell.IndexOf('m', i);
            }
            else
            {
                width++;
            }
        }

        return width;
    }

    private static string Line<T>(List<Table<T>.TableColumn> columns, string[] cells, int[] widths) => string.Join(
        "  ", cells.Select((cell, c) => columns[c].IsRight ? cell.PadLeft(widths[c]) : cell + new string(' ', widths[c] - Width(cell)))).TrimEnd();
}
