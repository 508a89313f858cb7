using System.Text;
using System.Text.Json;
using Pewter.CommandLine.Output;
using Pewter.CommandLine.Trees;

namespace Pewter.CommandLine.Storage;

/// <summary><c>pewter image tree</c>: which image came from which, and the disks that stand on each.</summary>
internal sealed class ImageTreeCommand(CommandHost host) : PewterCommand(host, "tree", "Show which image came from which, with their disks")
{
    protected override async ValueTask<int> RunAsync(CommandContext context)
    {
        var tree = await context.ConnectAsync();
        using var images = JsonDocument.Parse(await tree.TextAsync("/image/json", context.Cancellation));
        using var disks = JsonDocument.Parse(await tree.TextAsync("/disk/json", context.Cancellation));
        var byParent = images.RootElement.EnumerateArray().ToLookup(image => StorageText.Value(image, "parent"));
        var onImage = disks.RootElement.EnumerateArray().ToLookup(disk => StorageText.Value(disk, "image"));
        if (context.Output.Format is OutputFormat.Json or OutputFormat.Yaml)
        {
            await context.Output.DocumentAsync(json => WriteAll(json, byParent, onImage, ""), context.Cancellation);
            return ExitCode.Ok;
        }

        var text = new StringBuilder();
        foreach (var root in byParent[""])
        {
            text.Append(Line(root)).Append('\n');
            Append(text, root, "", byParent, onImage);
        }

        await context.Output.TextAsync(text.ToString(), context.Cancellation);
        return ExitCode.Ok;
    }

    private static string Line(JsonElement row) =>
        $"{(StorageText.Value(row, "name") is { Length: > 0 } name ? name : StorageText.Value(row, "id"))}  {StorageText.Value(row, "size")}";

    private static void Append(
        StringBuilder text, JsonElement image, string indent, ILookup<string, JsonElement> byParent, ILookup<string, JsonElement> onImage)
    {
        var name = StorageText.Value(image, "name");
        List<(JsonElement Row, bool IsImage)> below = [.. byParent[name].Select(row => (row, true)), .. onImage[name].Select(row => (row, false))];
        for (var i = 0; i < below.Count; i++)
        {
            var isLast = i == below.Count - 1;
            text.Append(indent).Append(isLast ? "└── " : "├── ");
            text.Append(below[i].IsImage ? "" : "disk ").Append(Line(below[i].Row)).Append('\n');
            if (below[i].IsImage)
            {
                Append(text, below[i].Row, indent + (isLast ? "    " : "│   "), byParent, onImage);
            }
        }
    }

    private static void WriteAll(
        Utf8JsonWriter json, ILookup<string, JsonElement> byParent, ILookup<string, JsonElement> onImage, string parent)
    {
        json.WriteStartArray();
        foreach (var image in byParent[parent])
        {
            var name = StorageText.Value(image, "name");
            json.WriteStartObject();
            json.WriteString("name", name);
            json.WriteNumber("size", image.GetProperty("size").GetInt64());
            json.WriteStartArray("disks");
            foreach (var disk in onImage[name])
            {
                json.WriteStringValue(StorageText.Value(disk, "id"));
            }

            json.WriteEndArray();
            json.WritePropertyName("images");
            WriteAll(json, byParent, onImage, name);
            json.WriteEndObject();
        }

        json.WriteEndArray();
    }
}
