using System.Diagnostics.CodeAnalysis;
using Pewter.Hosting.Ledger;

namespace Pewter.Machines.Nodes;

/// <summary>
/// What a step of a node works with. Used by one step at a time; what it learns is committed with the next intent or
/// outcome.
/// </summary>
public sealed class NodeWork
{
    private readonly Dictionary<string, string> _handle;
    private readonly List<KernelResource> _resources;

    private readonly Action<NodeRecord>? _publish;
    private readonly TimeProvider? _time;
    private DateTimeOffset _phaseAt;
    private long _phaseStart;

    internal NodeWork(Node node, Action<NodeRecord>? publish = null, TimeProvider? time = null)
    {
        (_publish, _time) = (publish, time);
        Node = node;
        _handle = new(node.Record.Handle, StringComparer.Ordinal);
        _resources = [.. node.Record.Resources];
    }

    /// <summary>The node.</summary>
    public Node Node { get; }

    /// <summary>What is durable about it.</summary>
    public NodeRecord Record => Node.Record;

    /// <summary>What it is to be.</summary>
    public NodeSpec Spec => Node.Record.Spec;

    internal IReadOnlyDictionary<string, string> Handle => new Dictionary<string, string>(_handle, StringComparer.Ordinal);

    internal IReadOnlyList<KernelResource> Resources => [.. _resources];

    /// <summary>Something that is needed to find the node again; null: unknown.</summary>
    [DisallowNull]
    public string? this[string key]
    {
        get => _handle.GetValueOrDefault(key);
        set => _handle[key] = value;
    }

    /// <summary>Forgets something that was needed to find the node again.</summary>
    public void Forget(string key) => _handle.Remove(key);

    /// <summary>
    /// Says that a step goes on to a phase of its own: the one before is over and stands in the timeline. So a step may
    /// show how far a long wait is.
    /// </summary>
    public void Enter(string phase)
    {
        if (_publish is null || _time is null)
        {
            return;
        }

        var timeline = Record.Phase is { } before && _phaseAt != default
            ? [.. Record.Timeline, new NodePhase(before, _phaseAt, _time.GetElapsedTime(_phaseStart))]
            : Record.Timeline;
        (_phaseAt, _phaseStart) = (_time.GetUtcNow(), _time.GetTimestamp());
        _publish(Record with { Phase = phase, Timeline = timeline });
    }

    /// <summary>Ends the last phase.</summary>
    internal void Leave()
    {
        if (_phaseAt != default && Record.Phase is { } last)
        {
            _publish!(Record with { Timeline = [.. Record.Timeline, new(last, _phaseAt, _time!.GetElapsedTime(_phaseStart))] });
            _phaseAt = default;
        }
    }

    /// <summary>Says that the step has made something in the kernel whose name was not known before.</summary>
    public void Own(KernelResource resource)
    {
        if (!_resources.Contains(resource))
        {
            _resources.Add(resource);
        }
    }

    /// <summary>
    /// Adds a line to the node's <c>log</c>: what was done, with the paths and commands that a person would look at.
    /// </summary>
    public void Note(string line) => Node.Log.Add(line);
}
