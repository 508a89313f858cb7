using Pewter.CommandLine.Output;
using Pewter.Sdk;

namespace Pewter.CommandLine.Running;

/// <summary>How processes ended, for programs that read it.</summary>
internal static class ExitTable
{
    public static Table<(Process Process, ExitResult Exit)> Columns { get; } = new Table<(Process Process, ExitResult Exit)>(row => row.Process.Id)
        .Text("id", row => row.Process.Id)
        .Text("cause", row => row.Exit.Cause.ToString())
        .Number("shell_code", row => row.Exit.ShellCode)
        .Text("signal", row => row.Exit.Signal)
        .Text("note", row => row.Exit.Note)
        .Column("user_s", row => Seconds(row.Exit.UserTime), (json, row) => json.WriteNumberValue(row.Exit.UserTime.TotalSeconds))
        .Column("system_s", row => Seconds(row.Exit.SystemTime), (json, row) => json.WriteNumberValue(row.Exit.SystemTime.TotalSeconds))
        .Number("peak_memory", row => row.Exit.PeakMemoryBytes)
        .Number("output", row => row.Exit.OutputBytes)
        .Number("dropped", row => row.Exit.DroppedBytes);

    private static string Seconds(TimeSpan time) => time.TotalSeconds.ToString("0.000", System.Globalization.CultureInfo.InvariantCulture);
}
