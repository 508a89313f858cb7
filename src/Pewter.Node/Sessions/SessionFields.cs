using Pewter.Node.Processes;
using Pewter.Tree;

namespace Pewter.Node.Sessions;

/// <summary>What <c>status</c>, <c>json</c> and queries say of a session.</summary>
internal static class SessionFields
{
    internal static Fields<NodeProcess> Create() => new Fields<NodeProcess>()
        .Text("cmd", process => process.Session.Spec?.Arguments[0])
        .Int("pid", process => process.Session.Process?.Id ?? process.Record?.ProcessId)
        .Text("as", process => process.User?.Name)
        .Text("dir", process => process.Directory)
        .Text("job", process => process.Job.Length > 0 ? process.Job : null, indexed: true)
        .Tags("labels", process => process.Labels)
        .Int("nice", process => process.Nice)
        .Number("cpu", process => process.Limits.Cpus)
        .Size("mem", process => process.Limits.MemoryBytes)
        .Int("pids", process => process.Limits.Processes)
        .Time("started", process => process.Session.Process?.StartedAt ?? process.Record?.StartedAt)
        .Size("output", process => process.Record?.OutputBytes ?? process.Session.OutputBytes)
        .Size("dropped", process => process.Record?.DroppedBytes ?? (process.Session.Stdout.Start + process.Session.Stderr.Start))
        .Text("output_is", Flow)
        .Text("splice", process => process.Splice)
        .Size("spliced_in", process => Spliced(process, "in"))
        .Size("spliced_out", process => Spliced(process, "out"))
        .Text("cause", process => process.Record is { } record ? ExitRecord.NameOf(record.Cause) : null)
        .Int("code", process => process.Record?.Code)
        .Int("signal", process => process.Record is { Signal: > 0 } record ? record.Signal : null)
        .Text("note", process => process.Record?.Note is { Length: > 0 } note ? note : null)
        .Json("edges", WriteEdges)
        .Json("args", (json, process) =>
        {
            json.WriteStartArray();
            foreach (var argument in process.Session.Spec?.Arguments ?? [])
            {
                json.WriteStringValue(argument);
            }

            json.WriteEndArray();
        })
        .Json("exit", (json, process) =>
        {
            if (process.Record is { } record)
            {
                json.WriteRawValue(record.ToJson());
            }
            else
            {
                json.WriteNullValue();
            }
        });

    internal static StateModel<NodeProcess> States() =>
        new(process => process.State, ["new", "running", "ended"], ["ended"], WriteOutcome);

    private static long? Spliced(NodeProcess process, string direction)
    {
        var edges = process.Session.Splices.Edges.Where(edge => edge.Direction == direction).ToList();
        return edges.Count > 0 ? edges.Sum(edge => edge.Bytes) : null;
    }

    private static void WriteEdges(System.Text.Json.Utf8JsonWriter json, NodeProcess process)
    {
        json.WriteStartArray();
        foreach (var edge in process.Session.Splices.Edges)
        {
            json.WriteStartObject();
            json.WriteString("direction", edge.Direction);
            json.WriteString("peer", edge.Peer);
            json.WriteString("way", edge.Way);
            json.WriteString("state", edge.State);
            json.WriteNumber("bytes", edge.Bytes);
            json.WriteString("error", edge.Error);
            json.WriteEndObject();
        }

        json.WriteEndArray();
    }

    private static string? Flow(NodeProcess process) =>
        process.Session.Stdout.IsBlocked || process.Session.Stderr.IsBlocked ? "waiting for its readers" : null;

    private static void WriteOutcome(Logfmt line, NodeProcess process)
    {
        var record = process.Record!;
        line.Pair("cause", ExitRecord.NameOf(record.Cause));
        if (record.Code is { } code)
        {
            line.Pair("code", code);
        }

        if (record.Signal > 0)
        {
            line.Pair("signal", Pewter.Linux.Processes.SignalNames.Name(record.Signal));
        }

        line.Pair("shell_code", record.ShellCode)
            .Pair("wall", record.EndedAt - record.StartedAt)
            .Pair("user_cpu", record.Usage.UserTime)
            .Pair("system_cpu", record.Usage.SystemTime)
            .Pair("peak_memory", record.Usage.PeakMemoryBytes)
            .Pair("output", record.OutputBytes)
            .Pair("dropped", record.DroppedBytes)
            .Pair("note", record.Note.Length > 0 ? record.Note : null);
    }
}
