using System.Text.Json;

namespace Pewter.Tree;

/// <summary>What a command gives back besides "ok": members of its result line. The default is nothing.</summary>
public readonly struct CommandResult
{
    private readonly Action<Utf8JsonWriter>? _members;

    private CommandResult(Action<Utf8JsonWriter> members) => _members = members;

    /// <summary>Nothing but "ok".</summary>
    public static CommandResult None => default;

    /// <summary>Members of the result line: the delegate writes properties, not an object around them. It runs once, right away.</summary>
    public static CommandResult Json(Action<Utf8JsonWriter> members) => new(members);

    /// <summary>A single property.</summary>
    public static CommandResult Of(string name, string value) => new(json => json.WriteString(name, value));

    /// <summary>A single property.</summary>
    public static CommandResult Of(string name, long value) => new(json => json.WriteNumber(name, value));

    internal void WriteTo(Utf8JsonWriter json) => _members?.Invoke(json);
}
