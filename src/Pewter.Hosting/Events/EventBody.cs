using System.Buffers;
using System.Text.Encodings.Web;
using System.Text.Json;
using Pewter.Tree;

namespace Pewter.Hosting.Events;

/// <summary>Writes the bodies of events: what a service appends in the same commit as the change that the event tells of.</summary>
public static class EventBody
{
    internal const string Owner = "owner";
    internal const string Group = "group";

    private static readonly JsonWriterOptions Options = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>Writes a body.</summary>
    /// <param name="name">What happened: <c>node.ready</c>.</param>
    /// <param name="path">The object that it happened to; null for the whole system.</param>
    /// <param name="owner">Whose object that is: only they, their group and administrators see the event; null for everyone.</param>
    /// <param name="members">More members.</param>
    public static ReadOnlyMemory<byte> Write(string name, string? path = null, Owner? owner = null, Action<Utf8JsonWriter>? members = null)
    {
        var buffer = new ArrayBufferWriter<byte>();
        using (var json = new Utf8JsonWriter(buffer, Options))
        {
            json.WriteStartObject();
            json.WriteString("event", name);
            if (path is not null)
            {
                json.WriteString("path", path);
            }

            if (owner is not null)
            {
                json.WriteString(Owner, owner.User);
                json.WriteString(Group, owner.Group);
            }

            members?.Invoke(json);
            json.WriteEndObject();
        }

        return buffer.WrittenMemory;
    }
}
