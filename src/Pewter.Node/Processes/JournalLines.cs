using System.Buffers;
using System.Text;
using System.Text.Json;

namespace Pewter.Node.Processes;

/// <summary>The lines of <see cref="ExitJournal"/> that are not exit records.</summary>
internal static class JournalLines
{
    /// <summary>A process has started: what is needed to find it again and to describe it.</summary>
    internal static string Start(ProcessSession session, RunningProcess process) => Write(json =>
    {
        json.WriteNumber("start", session.Id);
        json.WriteNumber("pid", process.Id);
        json.WriteNumber("ticks", process.StartTicks);
        json.WriteString("boot", BootIdentity.Current);
        json.WriteString("at", process.StartedAt);
        json.WriteString("cgroup", process.Cgroup?.Name ?? "");
        json.WriteString("dir", session.Spec!.Directory);
        json.WriteString("user", session.Spec.User?.Name ?? "");
        json.WriteStartObject("notes");
        foreach (var (name, value) in session.Spec.Notes)
        {
            json.WriteString(name, value);
        }

        json.WriteEndObject();
        json.WriteStartArray("args");
        foreach (var argument in session.Spec.Arguments)
        {
            json.WriteStringValue(argument);
        }

        json.WriteEndArray();
    });

    /// <summary>A session is forgotten.</summary>
    internal static string Wipe(long session) => Write(json => json.WriteNumber("wipe", session));

    /// <summary>A session stays, or no longer, when nobody has it open.</summary>
    internal static string Keep(long session, bool keep) => Write(json =>
    {
        json.WriteNumber("keep", session);
        json.WriteBoolean("on", keep);
    });

    /// <summary>Numbers up to here may have been given out.</summary>
    internal static string Reserve(long last) => Write(json => json.WriteNumber("reserve", last));

    private static string Write(Action<Utf8JsonWriter> body)
    {
        var buffer = new ArrayBufferWriter<byte>(256);
        using (var json = new Utf8JsonWriter(buffer))
        {
            json.WriteStartObject();
            body(json);
            json.WriteEndObject();
        }

        return Encoding.UTF8.GetString(buffer.WrittenSpan);
    }
}
