using System.Text.Json.Serialization;

namespace Pewter.Execution.Sessions;

/// <summary>All that must not be forgotten about a session but how its processes ended, which is kept apart. Immutable.</summary>
public sealed record SessionRecord
{
    /// <summary>Its number, never given again.</summary>
    public required long Number { get; init; }

    /// <summary>The owner's name.</summary>
    public required string User { get; init; }

    /// <summary>The owner's number.</summary>
    public required uint Uid { get; init; }

    /// <summary>The tenant's name.</summary>
    public required string Group { get; init; }

    /// <summary>The tenant's number.</summary>
    public required uint Gid { get; init; }

    /// <summary>What was asked for it before it had a node, as lines of an agent's <c>ctl</c>.</summary>
    public IReadOnlyList<string> Settings { get; init; } = [];

    /// <summary>Environment variables beyond the node's own, <c>NAME=value</c>.</summary>
    public IReadOnlyList<string> Variables { get; init; } = [];

    /// <summary>The program and its arguments; empty before <c>exec</c>.</summary>
    public IReadOnlyList<string> Command { get; init; } = [];

    /// <summary>Whether it stays when its last file is closed.</summary>
    public bool IsPersistent { get; init; }

    /// <summary>Whether <c>res</c> made it a group, whatever the number of its processes.</summary>
    public bool IsGroup { get; init; }

    /// <summary>When its first program was started.</summary>
    public DateTimeOffset? Started { get; init; }

    /// <summary>Its processes.</summary>
    public IReadOnlyList<LeafRecord> Leaves { get; init; } = [];
}

/// <summary>A process of a <see cref="SessionRecord"/>.</summary>
/// <param name="Node">The node's directory.</param>
/// <param name="AgentId">Its id in the node's <c>proc</c>.</param>
public sealed record LeafRecord(string Node, string AgentId);

/// <summary>The records' JSON, without reflection.</summary>
[JsonSerializable(typeof(SessionRecord))]
[JsonSerializable(typeof(LeafExit))]
[JsonSerializable(typeof(string))]
internal sealed partial class SessionJson : JsonSerializerContext;
