using System.Globalization;
using System.Text.Json;
using Pewter.Linux.Processes;
using Pewter.Linux.Users;

namespace Pewter.Node.Processes;

/// <summary>A journal line about a process that had started and was not known to be over.</summary>
internal sealed record StartLine(
    long Session, int ProcessId, long StartTicks, string Boot, DateTimeOffset StartedAt, string Cgroup, ProcessSpec Spec)
{
    internal static StartLine Parse(JsonElement json) => new(
        json.GetProperty("start").GetInt64(),
        json.GetProperty("pid").GetInt32(),
        json.GetProperty("ticks").GetInt64(),
        json.GetProperty("boot").GetString()!,
        DateTimeOffset.Parse(json.GetProperty("at").GetString()!, CultureInfo.InvariantCulture),
        json.GetProperty("cgroup").GetString()!,
        new ProcessSpec
        {
            Arguments = [.. json.GetProperty("args").EnumerateArray().Select(argument => argument.GetString()!)],
            Directory = json.GetProperty("dir").GetString()!,
            User = json.GetProperty("user").GetString() is { Length: > 0 } user ? UserDatabase.Find(user) : null,
            Notes = json.GetProperty("notes").EnumerateObject().ToDictionary(
                note => note.Name, note => note.Value.GetString()!, StringComparer.Ordinal),
        });

    /// <summary>The exit record of a process that is no more: as the guardian saw it, or lost.</summary>
    internal ExitRecord Conclude(WaitStatus? status, DateTimeOffset now) => new()
    {
        Session = Session,
        Cause = status switch { null => ExitCause.Lost, { ExitCode: not null } => ExitCause.Exit, _ => ExitCause.Signal },
        Code = status?.ExitCode,
        Signal = status?.Signal ?? 0,
        ProcessId = ProcessId,
        StartedAt = StartedAt,
        EndedAt = now,
        Usage = status?.Usage ?? default,
        Note = status is null
            ? "it ended while the agent was away; how is not known"
            : "it ended while the agent was away; output that was not read is lost",
    };
}
