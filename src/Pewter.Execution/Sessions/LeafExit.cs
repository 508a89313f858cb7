using System.Text.Json;
using Pewter.NineP;

namespace Pewter.Execution.Sessions;

/// <summary>How a process ended: the agent's exit record, or that its node is gone. Immutable, kept in the journal.</summary>
/// <param name="Cause"><c>exit</c>, <c>signal</c>, <c>oom</c>, <c>policy</c>, … or <c>node-lost</c>.</param>
/// <param name="ShellCode">What a shell would have as <c>$?</c>: the exit code, 128 and the signal, or 255 when the node was lost.</param>
/// <param name="Record">The whole record, a JSON object.</param>
public sealed record LeafExit(string Cause, int ShellCode, string Record)
{
    /// <summary>The node did not come back within its lease, or is gone for good.</summary>
    public static LeafExit NodeLost(string why) => new(
        "node-lost", 255, $$"""{"cause":"node-lost","shell_code":255,"note":{{JsonSerializer.Serialize(why, SessionJson.Default.String)}}}""");

    /// <summary>The program could not be started on this node, though on others of the group it could.</summary>
    public static LeafExit NotStarted(FileException failure) => new(
        "not-started",
        failure.Errno == Errno.ENOENT ? 127 : 126,
        $$"""{"cause":"not-started","shell_code":{{(failure.Errno == Errno.ENOENT ? 127 : 126)}},"note":{{JsonSerializer.Serialize(failure.Message, SessionJson.Default.String)}}}""");

    /// <summary>From the <c>exit</c> member of the agent's JSON.</summary>
    public static LeafExit Parse(JsonElement exit)
    {
        var hasCause = exit.TryGetProperty("cause", out var cause);
        var hasCode = exit.TryGetProperty("shell_code", out var code);
        return hasCause && hasCode
            ? new(cause.GetString()!, code.GetInt32(), exit.GetRawText())
            : throw new FileException(Errno.EPROTO, "The node's agent gives an exit record without cause and shell_code: it is of another version.");
    }
}
