using System.Text.Json;
using Pewter.Tree;

namespace Pewter.Execution.Sessions;

/// <summary>
/// One process of a session: a session of a node's agent, and how it ended. The node is the truth while it runs; the record is kept here once
/// it has ended, so that it outlives the node. Changed under the lock of its session.
/// </summary>
/// <param name="index">Its place in the session, from 0.</param>
/// <param name="node">The node's directory: <c>/node/n3</c>.</param>
/// <param name="agentId">Its id in the node's <c>proc</c>.</param>
public sealed class Leaf(int index, string node, string agentId)
{
    private readonly TaskCompletionSource _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private volatile LeafExit? _exit;

    /// <summary>Its place in the session, from 0.</summary>
    public int Index => index;

    /// <summary>The node's directory.</summary>
    public string Node => node;

    /// <summary>Its id in the node's <c>proc</c>.</summary>
    public string AgentId => agentId;

    /// <summary>Its directory on the node.</summary>
    public string Path => $"{node}/proc/{agentId}";

    /// <summary>Whether a program was started.</summary>
    public bool IsStarted { get; set; }

    /// <summary>How it ended; null while it has not.</summary>
    public LeafExit? Exit
    {
        get => _exit;
        set
        {
            _exit = value;
            if (value is not null)
            {
                _ended.TrySetResult();
            }
        }
    }

    /// <summary>The newest splice into it that goes through this daemon; null when there was none.</summary>
    internal RelayEdge? Relay { get; set; }

    /// <summary>What feeds its input, and the way of the bytes, of the newest splice; null when there was none since this daemon began.</summary>
    internal (string Path, string Way)? Fed { get; set; }

    /// <summary>Its line of <c>topology</c>: index, node, id there, and where its input comes from.</summary>
    internal string Topology => Fed is { } fed ? $"{index} {node} {agentId} < {fed.Path} {fed.Way}\n" : $"{index} {node} {agentId}\n";

    /// <summary>Completes when it has ended.</summary>
    internal Task Ended => _ended.Task;

    /// <summary><c>reserved</c>, <c>running</c> or <c>ended</c>.</summary>
    public string State => Exit is not null ? "ended" : IsStarted ? "running" : "reserved";

    internal void Write(Logfmt line)
    {
        line.Pair("state", State).Pair("node", node).Pair("on", agentId);
        if (Exit is { } exit)
        {
            line.Pair("cause", exit.Cause).Pair("shell_code", exit.ShellCode);
        }
    }

    internal void Write(Utf8JsonWriter json)
    {
        json.WriteStartObject();
        json.WriteNumber("index", index);
        json.WriteString("state", State);
        json.WriteString("node", node);
        json.WriteString("on", agentId);
        if (Exit is not null)
        {
            json.WritePropertyName("exit");
            json.WriteRawValue(Exit.Record);
        }

        json.WriteEndObject();
    }
}
