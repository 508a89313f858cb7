using System.Text.Json;

namespace Pewter.Tree;

/// <summary>What a command gives back besides "ok": members of its result line. The default is nothing.</summary>
public readonly struct CommandResult
{
    private readonly Action<Utf8JsonWriter>? _members;

    private CommandResult(Action<Utf8JsonWriter> members) => _members = members;

    private CommandResult(IReadOnlyList<(string Target, CommandResult Result)> targets) => Targets = targets;

    /// <summary>Nothing but "ok".</summary>
    public static CommandResult None => default;

    /// <summary>Members of the result line: the delegate writes properties, not an object around them. It runs once, right away.</summary>
    public static CommandResult Json(Action<Utf8JsonWriter> members) => new(members);

    /// <summary>A single property.</summary>
    public static CommandResult Of(string name, string value) => new(json => json.WriteString(name, value));

    /// <summary>A single property.</summary>
    public static CommandResult Of(string name, long value) => new(json => json.WriteNumber(name, value));

    /// <summary>A result line for each of several targets, by their paths: what a command to a collection has done to its objects.</summary>
    public static CommandResult Each(IEnumerable<(string Target, CommandResult Result)> targets) => new([.. targets]);

    /// <summary>The targets with a line of their own; null when the result is one line.</summary>
    internal IReadOnlyList<(string Target, CommandResult Result)>? Targets { get; }

    internal void WriteTo(Utf8JsonWriter json) => _members?.Invoke(json);
}
