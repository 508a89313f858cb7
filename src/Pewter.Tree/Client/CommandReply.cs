using System.Text.Json;
using Pewter.NineP;

namespace Pewter.Tree;

/// <summary>One line that a ctl answered: what became of a command on a target.</summary>
public sealed class CommandReply
{
    private CommandReply(JsonElement line) => Line = line;

    /// <summary>The whole line.</summary>
    public JsonElement Line { get; }

    /// <summary>Whether it was done.</summary>
    public bool IsOk => Line.TryGetProperty("ok", out var ok) && ok.ValueKind == JsonValueKind.True;

    /// <summary>The path of what it acted on.</summary>
    public string Target => Text("target");

    /// <summary>Why not; <see cref="Errno.None"/> when it was done.</summary>
    public Errno Errno => IsOk ? Errno.None : Line.TryGetProperty("errno", out var errno) ? (Errno)errno.GetInt32() : Errno.EIO;

    /// <summary>The sentence that says why not.</summary>
    public string Error => Text("error");

    /// <summary>Reads lines of JSON; a line that is none is left out.</summary>
    public static IReadOnlyList<CommandReply> Parse(string lines)
    {
        var replies = new List<CommandReply>();
        foreach (var line in lines.Split('\n', StringSplitOptions.RemoveEmptyEntries))
        {
            if (line.StartsWith('{'))
            {
                using var document = JsonDocument.Parse(line);
                replies.Add(new(document.RootElement.Clone()));
            }
        }

        return replies;
    }

    /// <summary>A text of the line; empty when it has none.</summary>
    public string Text(string name) =>
        Line.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString()! : "";
}
