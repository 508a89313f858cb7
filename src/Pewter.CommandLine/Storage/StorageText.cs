using System.Text.Json;
using Pewter.CommandLine.Output;

namespace Pewter.CommandLine.Storage;

/// <summary>Values of images and disks for people.</summary>
internal static class StorageText
{
    private static readonly string[] Sizes = ["size", "used", "done", "total", "touched", "bytesread", "byteswritten"];

    /// <summary>A member as text; nothing when it is not there.</summary>
    public static string Value(JsonElement row, string name) => !row.TryGetProperty(name, out var value) ? "" : value.ValueKind switch
    {
        JsonValueKind.Array => string.Join(' ', value.EnumerateArray()),
        JsonValueKind.Number when Sizes.Contains(name) => Bytes.Text(value.GetInt64()),
        JsonValueKind.True => "yes",
        JsonValueKind.False => "no",
        _ => value.ToString(),
    };

    /// <summary>The columns of <c>pewter image list</c>.</summary>
    public static Table<JsonElement> Images { get; } = Rows("image", "type", "size", "state", "parent", "disks", "user", "public", "tags");

    /// <summary>The columns of <c>pewter disk list</c>.</summary>
    public static Table<JsonElement> Disks { get; } = Rows("disk", "image", "size", "state", "user", "tags", "nbd");

    private static Table<JsonElement> Rows(string noun, params IEnumerable<string> columns)
    {
        var table = new Table<JsonElement>(row => Value(row, "path")).Text(noun, row => Value(row, "id")).Text("name", row => Value(row, "name"));
        foreach (var column in columns)
        {
            table.Text(column, row => Value(row, column));
        }

        return table;
    }
}
