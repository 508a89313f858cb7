using System.Globalization;
using System.Text.Json;
using Pewter.CommandLine.Output;

namespace Pewter.CommandLine.Running;

/// <summary>A process as <c>top</c> shows it.</summary>
/// <param name="Id">Its id: <c>7</c>, <c>7/3</c> in a group, <c>/peer/b/proc/7</c> on another machine.</param>
/// <param name="Node">Where it runs, in short.</param>
/// <param name="User">Whose it is.</param>
/// <param name="State">Its state.</param>
/// <param name="Cpu">CPUs in use, in percent of one, between the last two looks.</param>
/// <param name="MemoryBytes">Resident memory of it and its children.</param>
/// <param name="Processes">It and its children.</param>
/// <param name="CpuTime">CPU time so far.</param>
/// <param name="Command">What runs.</param>
internal sealed record UsageRow(
    string Id, string Node, string User, string State, double Cpu, long MemoryBytes, long Processes, TimeSpan CpuTime, string Command)
{
    public static Table<UsageRow> Table { get; } = new Table<UsageRow>(row => row.Id)
        .Text("id", row => row.Id)
        .Text("node", row => row.Node)
        .Text("user", row => row.User)
        .Text("state", row => row.State)
        .Column("cpu", row =>
            row.Cpu.ToString("0.0", CultureInfo.InvariantCulture) + "%", (json, row) => json.WriteNumberValue(Math.Round(row.Cpu, 1)))
        .Number("memory", row => row.MemoryBytes, Bytes.Text)
        .Number("processes", row => row.Processes)
        .Column("time", row => Clock(row.CpuTime), (json, row) => json.WriteNumberValue(row.CpuTime.TotalSeconds))
        .Text("command", row => row.Command);

    /// <summary>The rows of a session from its file <c>usage</c>.</summary>
    public static IEnumerable<UsageRow> Read(SessionRow session, string usage)
    {
        foreach (var line in usage.Split('\n', StringSplitOptions.RemoveEmptyEntries))
        {
            using var document = JsonDocument.Parse(line);
            var json = document.RootElement;
            yield return new UsageRow(
                session.IsGroup ? string.Create(CultureInfo.InvariantCulture, $"{session.Id}/{json.GetProperty("index").GetInt32()}") : session.Id,
                ProcessLabels.ShortOf(session.Peer + json.GetProperty("node").GetString()),
                session.User,
                session.State,
                0,
                json.GetProperty("memory").GetInt64(),
                json.GetProperty("processes").GetInt64(),
                TimeSpan.FromMilliseconds(json.GetProperty("cpu_ms").GetInt64()),
                session.Command);
        }
    }

    private static string Clock(TimeSpan time) =>
        string.Create(CultureInfo.InvariantCulture, $"{(long)time.TotalMinutes}:{time.Seconds:00}.{time.Milliseconds / 10:00}");
}
