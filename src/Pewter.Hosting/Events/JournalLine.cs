using System.Buffers;
using System.Text.Encodings.Web;
using System.Text.Json;
using Pewter.NineP.Serving;
using Pewter.Store;

namespace Pewter.Hosting.Events;

/// <summary>A stored event as the line that readers see: <c>{"seq":…,"time":…,</c> and then the members of its body.</summary>
internal static class JournalLine
{
    private static readonly JsonWriterOptions Options = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>The line with its newline; null when the caller may not see the event.</summary>
    public static ReadOnlyMemory<byte>? For(StoredEvent stored, Caller caller)
    {
        using var body = JsonDocument.Parse(stored.Body);
        if (!IsVisible(body.RootElement, caller))
        {
            return null;
        }

        var buffer = new ArrayBufferWriter<byte>(stored.Body.Length + 64);
        using (var json = new Utf8JsonWriter(buffer, Options))
        {
            json.WriteStartObject();
            json.WriteNumber("seq", stored.Sequence);
            json.WriteString("time", stored.Time);
            foreach (var member in body.RootElement.EnumerateObject())
            {
                member.WriteTo(json);
            }

            json.WriteEndObject();
        }

        buffer.Write("\n"u8);
        return buffer.WrittenMemory;
    }

    private static bool IsVisible(JsonElement body, Caller caller) =>
        caller.IsAdmin
        || !body.TryGetProperty(EventBody.Owner, out var owner)
        || owner.GetString() == caller.User
        || (body.TryGetProperty(EventBody.Group, out var group) && caller.Groups.Contains(group.GetString()));
}
