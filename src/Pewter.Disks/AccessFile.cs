using System.Net;
using System.Text.Json;
using Pewter.Blocks;
using Pewter.Blocks.Exports;

namespace Pewter.Disks;

/// <summary>
/// The access of every disk in one file beside the store, readable by its owner alone since it holds secrets; replaced whole and durably. Used
/// by one caller at a time.
/// </summary>
internal sealed class AccessFile(string path)
{
    public Dictionary<string, DiskAccess> Load()
    {
        if (!File.Exists(path))
            return [];
        try
        {
            using JsonDocument document = JsonDocument.Parse(File.ReadAllBytes(path));
            return document.RootElement.EnumerateObject().ToDictionary(p => p.Name, p => Read(p.Value));
        }
        catch (Exception e) when (e is JsonException or KeyNotFoundException or InvalidOperationException or FormatException)
        {
            throw new BlockException(BlockErrno.EIO, $"{path} is damaged ({e.Message}): restore it, or remove it and grant access again.", e);
        }
    }

    public void Save(IReadOnlyDictionary<string, DiskAccess> all)
    {
        string next = path + ".new";
        var options = new FileStreamOptions
        {
            Mode = FileMode.Create, Access = FileAccess.Write, UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite,
        };
        using (var stream = new FileStream(next, options))
        {
            using (var json = new Utf8JsonWriter(stream, new JsonWriterOptions { Indented = true }))
                Write(json, all);
            stream.Flush(flushToDisk: true);
        }

        File.Move(next, path, overwrite: true);
    }

    private static void Write(Utf8JsonWriter json, IReadOnlyDictionary<string, DiskAccess> all)
    {
        json.WriteStartObject();
        foreach ((string disk, DiskAccess access) in all)
        {
            json.WriteStartObject(disk);
            json.WriteBoolean("readOnly", access.IsReadOnly);
            json.WriteBoolean("oneHost", access.OneHost);
            WriteList(json, "networks", access.Networks.Select(n => n.ToString()));
            WriteList(json, "certificates", access.Certificates);
            json.WriteStartArray("hosts");
            foreach (ExportHost host in access.Hosts)
                WriteList(json, null, [host.Network, host.Portal.ToString(), host.Address.ToString()]);
            json.WriteEndArray();
            json.WriteStartArray("initiators");
            foreach (ExportInitiator initiator in access.Initiators)
                WriteList(json, null, [initiator.Name, initiator.User, initiator.Secret, initiator.TargetUser ?? "", initiator.TargetSecret ?? ""]);
            json.WriteEndArray();
            json.WriteEndObject();
        }

        json.WriteEndObject();
    }

    private static void WriteList(Utf8JsonWriter json, string? name, IEnumerable<string> items)
    {
        if (name is null)
            json.WriteStartArray();
        else
            json.WriteStartArray(name);
        foreach (string item in items)
            json.WriteStringValue(item);
        json.WriteEndArray();
    }

    private static DiskAccess Read(JsonElement json) => new()
    {
        IsReadOnly = json.GetProperty("readOnly").GetBoolean(),
        OneHost = json.GetProperty("oneHost").GetBoolean(),
        Networks = [.. ReadList(json.GetProperty("networks")).Select(n => IPNetwork.Parse(n))],
        Certificates = ReadList(json.GetProperty("certificates")),
        // A file of before there were such hosts has none.
        Hosts = json.TryGetProperty("hosts", out JsonElement hosts) ? [.. hosts.EnumerateArray().Select(ReadHost)] : [],
        Initiators = [.. json.GetProperty("initiators").EnumerateArray().Select(ReadInitiator)],
    };

    private static ExportInitiator ReadInitiator(JsonElement json)
    {
        string[] words = ReadList(json);
        return new ExportInitiator(words[0], words[1], words[2], NullIfEmpty(words[3]), NullIfEmpty(words[4]));
    }

    private static ExportHost ReadHost(JsonElement json)
    {
        string[] words = ReadList(json);
        return new ExportHost(words[0], IPAddress.Parse(words[1]), IPAddress.Parse(words[2]));
    }

    private static string? NullIfEmpty(string text) => text.Length == 0 ? null : text;

    private static string[] ReadList(JsonElement json) => [.. json.EnumerateArray().Select(e => e.GetString()!)];
}
