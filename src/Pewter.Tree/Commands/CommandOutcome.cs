using System.Buffers;
using System.Text.Json;
using Pewter.NineP;

namespace Pewter.Tree;

/// <summary>What became of one command line: a JSON line for each target, and the first failure among them.</summary>
/// <param name="Lines">The result lines, each with its newline.</param>
/// <param name="Failure">What the write ends with; null when all went well.</param>
internal readonly record struct CommandOutcome(ReadOnlyMemory<byte> Lines, FileException? Failure)
{
    /// <summary>Whether it only says that there was nothing to act on.</summary>
    public bool IsEmptyMatch { get; init; }

    /// <summary>A success.</summary>
    public static CommandOutcome Success(string target, string command, CommandResult result) => result.Targets is { } targets
        ? Combine([.. targets.Select(each => Success(each.Target, command, each.Result))])
        : new(Render(json =>
        {
            json.WriteBoolean("ok", true);
            json.WriteString("target", target);
            json.WriteString("command", command);
            result.WriteTo(json);
        }), null);

    /// <summary>A failure: the errno for programs, the sentence for people.</summary>
    public static CommandOutcome Failed(string target, string command, FileException failure) => new(
        Render(json =>
        {
            json.WriteBoolean("ok", false);
            json.WriteString("target", target);
            json.WriteString("command", command);
            json.WriteNumber("errno", (int)failure.Errno);
            json.WriteString("code", failure.Errno.ToString());
            json.WriteString("error", failure.Message);
        }),
        failure);

    /// <summary>The outcomes of many targets as one.</summary>
    public static CommandOutcome Combine(IReadOnlyList<CommandOutcome> outcomes)
    {
        var lines = new ArrayBufferWriter<byte>();
        var failures = 0;
        FileException? first = null;
        foreach (var outcome in outcomes)
        {
            lines.Write(outcome.Lines.Span);
            first ??= outcome.Failure;
            failures += outcome.Failure is null ? 0 : 1;
        }

        var failure = first is null || outcomes.Count == 1 ? first : new FileException(
            first.Errno, $"{failures} of {outcomes.Count} failed; read this file for the rest. The first: {first.Message}");
        return new(lines.WrittenMemory, failure);
    }

    private static ReadOnlyMemory<byte> Render(Action<Utf8JsonWriter> members) => JsonText.Line(json =>
    {
        json.WriteStartObject();
        members(json);
        json.WriteEndObject();
    });
}
