using Pewter.NineP.Serving;
using Pewter.Tree;

namespace Pewter.Machines.Nodes;

/// <summary>
/// A kind of node: how one is made, found again, looked at and taken apart. Members may be called at once for different
/// nodes; for one node never, except <see cref="IsAlive"/> and <see cref="DescribeAsync"/>.
/// </summary>
public interface INodeKind
{
    /// <summary>The kind's name: <c>cell</c>.</summary>
    string Name { get; }

    /// <summary>
    /// Options of its own on <c>alloc</c>, as a command's signature declares them: <c>[image=word] [net=word]</c>.
    /// </summary>
    string Options => "";

    /// <summary>Allocations at once; the others wait for one to end.</summary>
    int Parallel { get; }

    /// <summary>
    /// Whether <c>alloc</c> answers as soon as the wish is durable, because readiness takes long. Such an allocation
    /// goes on after a restart.
    /// </summary>
    bool AnswersEarly(NodeSpec spec) => false;

    /// <summary>Whether its agent's socket is the agent's own, under this machine's kernel, so that it takes descriptors.</summary>
    bool TakesDescriptors => false;

    /// <summary>Whether its agent's socket is the host's end of a serial port, on which each connection begins a session.</summary>
    bool HasPort => false;

    /// <summary>Whether one that was lost is made again by itself, under its id.</summary>
    bool RestartsLost => false;

    /// <summary>
    /// The steps of an allocation, in order. They are undone in the reverse order, also after a failure or a crash in
    /// the middle of one, so undoing what was never done must succeed.
    /// </summary>
    IReadOnlyList<NodeStep> Steps { get; }

    /// <summary>How long an agent may take to answer before the connection to it is given up.</summary>
    TimeSpan Patience => Agents.AgentLink.DefaultPatience;

    /// <summary>
    /// Called once, before any other member, with what earlier lives of the daemon may have left of it but nodes.
    /// </summary>
    ValueTask StartAsync(CancellationToken cancellation) => ValueTask.CompletedTask;

    /// <summary>
    /// Checks a wish and fills in the defaults; refuses with a <see cref="NineP.FileException"/> that says what is
    /// possible.
    /// </summary>
    NodeSpec Check(NodeSpec spec, Caller caller);

    /// <summary>
    /// Looks up what a checked wish names, such as an image, and refuses it when that is not there or another's.
    /// </summary>
    ValueTask<NodeSpec> ResolveAsync(NodeSpec spec, Caller caller, CancellationToken cancellation) => new(spec);

    /// <summary>Whether a ready node of an earlier life of the daemon still lives; if so it is as it was.</summary>
    ValueTask<bool> AdoptAsync(NodeWork work, CancellationToken cancellation);

    /// <summary>Whether a ready node still lives. Cheap: asked every second.</summary>
    bool IsAlive(NodeRecord record);

    /// <summary>Why a node that does not live any more has ended, as far as it left a trace.</summary>
    string CauseOfEnd(NodeRecord record) => "its agent ended";

    /// <summary>Where its agent is spoken to: the path of a Unix socket; null while there is none.</summary>
    string? AgentSocket(NodeRecord record);

    /// <summary>Looks at a ready node.</summary>
    ValueTask<NodeFacts> DescribeAsync(Node node, CancellationToken cancellation);

    /// <summary>Adds files of its own to the node's directory, beside those of every kind.</summary>
    void AddFiles(TreeDirectory directory, Node node)
    {
    }
}
