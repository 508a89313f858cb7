using System.Buffers;
using System.Globalization;
using System.Text.Json;

namespace Pewter.Blocks.Layers;

/// <summary>One committed change of a store, complete in itself: it has happened when its record is durable, and not before.</summary>
internal sealed record StoreRecord(StoreOperation Operation)
{
    public string? Disk { get; init; }

    public string? Layer { get; init; }

    public string? Parent { get; init; }

    public string? Top { get; init; }

    public string? Name { get; init; }

    public string? Import { get; init; }

    public long Length { get; init; }

    public long Next { get; init; }

    public SealedFiles? Sealed { get; init; }

    public DateTimeOffset At { get; init; }

    public byte[] ToJson()
    {
        var buffer = new ArrayBufferWriter<byte>();
        using (var json = new Utf8JsonWriter(buffer))
        {
            json.WriteStartObject();
            json.WriteString("op", NameOf(Operation));
            WriteText(json, "disk", Disk);
            WriteText(json, "layer", Layer);
            WriteText(json, "parent", Parent);
            WriteText(json, "top", Top);
            WriteText(json, "name", Name);
            WriteText(json, "import", Import);
            json.WriteNumber("length", Length);
            json.WriteNumber("next", Next);
            json.WriteString("at", At);
            if (Sealed is { HasFiles: true })
            {
                json.WriteNumber("dataLength", Sealed.DataLength);
                json.WriteString("modifiedAt", Sealed.ModifiedAt.ToString("O", CultureInfo.InvariantCulture));
            }

            json.WriteEndObject();
        }

        return buffer.WrittenSpan.ToArray();
    }

    public static StoreRecord FromJson(ReadOnlyMemory<byte> text)
    {
        using JsonDocument document = JsonDocument.Parse(text);
        JsonElement json = document.RootElement;
        return new StoreRecord(OperationOf(json.GetProperty("op").GetString()))
        {
            Disk = ReadText(json, "disk"),
            Layer = ReadText(json, "layer"),
            Parent = ReadText(json, "parent"),
            Top = ReadText(json, "top"),
            Name = ReadText(json, "name"),
            Import = ReadText(json, "import"),
            Length = json.GetProperty("length").GetInt64(),
            Next = json.GetProperty("next").GetInt64(),
            At = json.GetProperty("at").GetDateTimeOffset(),
            Sealed = ReadSealed(json),
        };
    }

    private static SealedFiles ReadSealed(JsonElement json) => json.TryGetProperty("dataLength", out JsonElement length)
        ? new SealedFiles(
            true,
            length.GetInt64(),
            DateTime.Parse(ReadText(json, "modifiedAt")!, CultureInfo.InvariantCulture, DateTimeStyles.RoundtripKind))
        : SealedFiles.None;

    private static void WriteText(Utf8JsonWriter json, string property, string? value)
    {
        if (value is not null)
            json.WriteString(property, value);
    }

    private static string? ReadText(JsonElement json, string property) =>
        json.TryGetProperty(property, out JsonElement value) ? value.GetString() : null;

    private static string NameOf(StoreOperation operation) => operation switch
    {
        StoreOperation.CreateDisk => "create-disk",
        StoreOperation.Snapshot => "snapshot",
        StoreOperation.Publish => "publish",
        StoreOperation.Rollback => "rollback",
        StoreOperation.Detach => "detach",
        StoreOperation.Shrink => "shrink",
        StoreOperation.Resize => "resize",
        StoreOperation.Progress => "progress",
        StoreOperation.Rename => "rename",
        StoreOperation.DeleteDisk => "delete-disk",
        StoreOperation.DeleteLayer => "delete-layer",
        StoreOperation.Layer => "layer",
        _ => throw new ArgumentOutOfRangeException(nameof(operation)),
    };

    private static StoreOperation OperationOf(string? name)
    {
        foreach (StoreOperation operation in Enum.GetValues<StoreOperation>())
        {
            if (NameOf(operation) == name)
                return operation;
        }

        throw new BlockException(BlockErrno.EIO, $"The store's journal has a record '{name}' that this version does not know: use the newer one.");
    }
}
