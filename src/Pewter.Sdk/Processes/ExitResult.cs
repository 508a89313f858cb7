using System.Globalization;
using System.Text.Json;

namespace Pewter.Sdk;

/// <summary>How a process ended. Immutable; the same for everybody who asks, however often.</summary>
public sealed record ExitResult
{
    private const int UnknownCode = 255;
    private const int SignalBase = 128;

    /// <summary>Why it is over.</summary>
    public required ExitCause Cause { get; init; }

    /// <summary>
    /// What a shell would have as <c>$?</c>: the exit code, 128 and the signal's number, 126 or 127 when it could not be started, 255 when
    /// it is not known.
    /// </summary>
    public required int ShellCode { get; init; }

    /// <summary>The exit code; null when it did not exit by itself.</summary>
    public int? Code { get; init; }

    /// <summary>The name of the signal that killed it, such as KILL; null when none did.</summary>
    public string? Signal { get; init; }

    /// <summary>A sentence about anything unusual; empty otherwise.</summary>
    public string Note { get; init; } = "";

    /// <summary>CPU time in the program, with its descendants.</summary>
    public TimeSpan UserTime { get; init; }

    /// <summary>CPU time in the kernel, with its descendants.</summary>
    public TimeSpan SystemTime { get; init; }

    /// <summary>The most memory it had, in bytes.</summary>
    public long PeakMemoryBytes { get; init; }

    /// <summary>Bytes that it wrote, errors included.</summary>
    public long OutputBytes { get; init; }

    /// <summary>Bytes of its output that nobody can read any more, because nobody did in time.</summary>
    public long DroppedBytes { get; init; }

    /// <summary>Whether it exited with 0.</summary>
    public bool IsSuccess => ShellCode == 0;

    /// <inheritdoc/>
    public override string ToString() => Cause switch
    {
        ExitCause.Exit => string.Create(CultureInfo.InvariantCulture, $"exited with {ShellCode}"),
        ExitCause.Signal => string.Create(CultureInfo.InvariantCulture, $"killed by {Signal ?? $"signal {ShellCode - SignalBase}"}"),
        ExitCause.OutOfMemory => "killed: out of memory",
        ExitCause.Policy => $"ended by a rule: {Note}",
        ExitCause.NodeLost => $"node lost: {Note}",
        ExitCause.NotStarted => $"not started: {Note}",
        _ => "over, how is not known",
    };

    /// <summary>Reads the <c>exit</c> member of a session's JSON.</summary>
    internal static ExitResult Parse(JsonElement record)
    {
        int? code = record.TryGetProperty("code", out var number) && number.ValueKind == JsonValueKind.Number ? number.GetInt32() : null;
        return new ExitResult
        {
            Cause = CauseOf(Text(record, "cause")),
            Code = code,
            ShellCode = record.TryGetProperty("shell_code", out var shell) ? shell.GetInt32() : code ?? UnknownCode,
            Signal = Text(record, "signal") is { Length: > 0 } signal ? signal : null,
            Note = Text(record, "note"),
            UserTime = TimeSpan.FromSeconds(Number(record, "user_s")),
            SystemTime = TimeSpan.FromSeconds(Number(record, "system_s")),
            PeakMemoryBytes = (long)Number(record, "peak_memory"),
            OutputBytes = (long)Number(record, "output"),
            DroppedBytes = (long)Number(record, "dropped"),
        };
    }

    /// <summary>Reads a line of <c>wait</c>: <c>/proc/7 state=ended cause=exit shell_code=0 …</c>.</summary>
    internal static ExitResult Parse(string line)
    {
        var fields = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var (key, value) in LogfmtLine.Parse(line))
        {
            fields[key] = value;
        }

        var shell = int.Parse(fields.GetValueOrDefault("shell_code", "255"), CultureInfo.InvariantCulture);
        if (fields.TryGetValue("exit", out var record))
        {
            using var document = JsonDocument.Parse(record);
            return Parse(document.RootElement) with { ShellCode = shell };
        }

        return new ExitResult
        {
            Cause = CauseOf(fields.GetValueOrDefault("cause", "")),
            ShellCode = shell,
            Code = fields.TryGetValue("code", out var code) ? int.Parse(code, CultureInfo.InvariantCulture) : null,
            Signal = fields.GetValueOrDefault("signal"),
            Note = fields.GetValueOrDefault("note", ""),
            UserTime = Seconds(fields.GetValueOrDefault("user_cpu")),
            SystemTime = Seconds(fields.GetValueOrDefault("system_cpu")),
            PeakMemoryBytes = Whole(fields.GetValueOrDefault("peak_memory")),
            OutputBytes = Whole(fields.GetValueOrDefault("output")),
            DroppedBytes = Whole(fields.GetValueOrDefault("dropped")),
        };
    }

    private static ExitCause CauseOf(string name) => name switch
    {
        "exit" => ExitCause.Exit,
        "signal" => ExitCause.Signal,
        "oom" => ExitCause.OutOfMemory,
        "policy" => ExitCause.Policy,
        "node-lost" => ExitCause.NodeLost,
        "not-started" => ExitCause.NotStarted,
        _ => ExitCause.Lost,
    };

    private static string Text(JsonElement json, string name) =>
        json.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString()! : "";

    private static double Number(JsonElement json, string name) =>
        json.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.Number ? value.GetDouble() : 0;

    private static TimeSpan Seconds(string? text) =>
        text is not null && double.TryParse(text.TrimEnd('s'), CultureInfo.InvariantCulture, out var seconds)
            ? TimeSpan.FromSeconds(seconds) : default;

    private static long Whole(string? text) => long.TryParse(text, CultureInfo.InvariantCulture, out var number) ? number : 0;
}
