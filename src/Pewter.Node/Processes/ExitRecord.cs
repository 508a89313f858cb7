using System.Buffers;
using System.Globalization;
using System.Text;
using System.Text.Json;
using Pewter.Linux.Processes;

namespace Pewter.Node.Processes;

/// <summary>
/// The last word about a process, made once, durable before anybody sees it, and the same for every reader. As JSON one line:
/// <c>{"id":7,"cause":"exit","code":0,"signal":"","pid":…,"started":…,"ended":…,"user_s":…,…}</c>.
/// </summary>
public sealed record ExitRecord
{
    /// <summary>The session.</summary>
    public required long Session { get; init; }

    /// <summary>Why it is over.</summary>
    public required ExitCause Cause { get; init; }

    /// <summary>The exit code; null when it did not exit by itself.</summary>
    public int? Code { get; init; }

    /// <summary>The signal that killed it; 0 when none did or it is not known.</summary>
    public int Signal { get; init; }

    /// <summary>Its process id.</summary>
    public int ProcessId { get; init; }

    /// <summary>When it was started.</summary>
    public DateTimeOffset StartedAt { get; init; }

    /// <summary>When it was seen to be over.</summary>
    public DateTimeOffset EndedAt { get; init; }

    /// <summary>What it and its waited-for descendants used.</summary>
    public ResourceUsage Usage { get; init; }

    /// <summary>Bytes it wrote to stdout and stderr together.</summary>
    public long OutputBytes { get; init; }

    /// <summary>Bytes of these that nobody can read any more.</summary>
    public long DroppedBytes { get; init; }

    /// <summary>A sentence about anything unusual: output still held open by others, a rule that killed it; empty otherwise.</summary>
    public string Note { get; init; } = "";

    /// <summary>What a shell would report: the code, 128 + the signal, or 255 when it is not known.</summary>
    public int ShellCode => Code ?? (Signal > 0 ? 128 + Signal : 255);

    /// <summary>The record as one line of JSON without a line end.</summary>
    public string ToJson()
    {
        var buffer = new ArrayBufferWriter<byte>(384);
        using (var json = new Utf8JsonWriter(buffer))
        {
            json.WriteStartObject();
            WriteEnd(json);
            WriteUse(json);
            json.WriteString("note", Note);
            json.WriteEndObject();
        }

        return Encoding.UTF8.GetString(buffer.WrittenSpan);
    }

    /// <summary>Reads a record that <see cref="ToJson"/> wrote.</summary>
    public static ExitRecord Parse(JsonElement json) => new()
    {
        Session = json.GetProperty("id").GetInt64(),
        Cause = CauseOf(json.GetProperty("cause").GetString()!),
        Code = json.GetProperty("code") is { ValueKind: JsonValueKind.Number } code ? code.GetInt32() : null,
        Signal = SignalNames.Parse(json.GetProperty("signal").GetString()!) ?? 0,
        ProcessId = json.GetProperty("pid").GetInt32(),
        StartedAt = Time(json, "started"),
        EndedAt = Time(json, "ended"),
        Usage = new ResourceUsage(
            TimeSpan.FromSeconds(json.GetProperty("user_s").GetDouble()),
            TimeSpan.FromSeconds(json.GetProperty("system_s").GetDouble()),
            json.GetProperty("peak_memory").GetInt64(),
            json.GetProperty("major_faults").GetInt64(),
            json.GetProperty("blocks_in").GetInt64(),
            json.GetProperty("blocks_out").GetInt64(),
            json.GetProperty("waits").GetInt64(),
            json.GetProperty("preemptions").GetInt64()),
        OutputBytes = json.GetProperty("output").GetInt64(),
        DroppedBytes = json.GetProperty("dropped").GetInt64(),
        Note = json.GetProperty("note").GetString()!,
    };

    /// <summary>The word for a cause in records and status lines.</summary>
    public static string NameOf(ExitCause cause) => cause switch
    {
        ExitCause.Exit => "exit",
        ExitCause.Signal => "signal",
        ExitCause.OutOfMemory => "oom",
        ExitCause.Policy => "policy",
        _ => "lost",
    };

    private static ExitCause CauseOf(string name) => name switch
    {
        "exit" => ExitCause.Exit,
        "signal" => ExitCause.Signal,
        "oom" => ExitCause.OutOfMemory,
        "policy" => ExitCause.Policy,
        _ => ExitCause.Lost,
    };

    private static DateTimeOffset Time(JsonElement json, string name) =>
        DateTimeOffset.Parse(json.GetProperty(name).GetString()!, CultureInfo.InvariantCulture);

    private void WriteEnd(Utf8JsonWriter json)
    {
        json.WriteNumber("id", Session);
        json.WriteString("cause", NameOf(Cause));
        if (Code is { } code)
        {
            json.WriteNumber("code", code);
        }
        else
        {
            json.WriteNull("code");
        }

        json.WriteString("signal", Signal > 0 ? SignalNames.Name(Signal) : "");
        json.WriteNumber("shell_code", ShellCode);
        json.WriteNumber("pid", ProcessId);
        json.WriteString("started", StartedAt);
        json.WriteString("ended", EndedAt);
    }

    private void WriteUse(Utf8JsonWriter json)
    {
        json.WriteNumber("user_s", Usage.UserTime.TotalSeconds);
        json.WriteNumber("system_s", Usage.SystemTime.TotalSeconds);
        json.WriteNumber("peak_memory", Usage.PeakMemoryBytes);
        json.WriteNumber("major_faults", Usage.MajorFaults);
        json.WriteNumber("blocks_in", Usage.BlocksIn);
        json.WriteNumber("blocks_out", Usage.BlocksOut);
        json.WriteNumber("waits", Usage.VoluntarySwitches);
        json.WriteNumber("preemptions", Usage.InvoluntarySwitches);
        json.WriteNumber("output", OutputBytes);
        json.WriteNumber("dropped", DroppedBytes);
    }
}
