using Pewter.NineP.Serving;

namespace Pewter.Machines.Nodes;

/// <summary>A kind whose nodes can be written down as they are, and gone on with later.</summary>
internal interface ICheckpointsNodes
{
    /// <summary>A line for each checkpoint that a caller may use.</summary>
    IEnumerable<string> Checkpoints(Caller caller);

    /// <summary>
    /// Writes a running node down under a name, which must be new; durable when it returns. The node goes on.
    /// </summary>
    /// <param name="node">The node.</param>
    /// <param name="name">The checkpoint's name.</param>
    /// <param name="exclusive">Runs a piece of work while nothing else is done to the node.</param>
    /// <param name="cancellation">Ends it; nothing is left.</param>
    ValueTask CheckpointAsync(Node node, string name, Func<Func<Task>, Task> exclusive, CancellationToken cancellation);

    /// <summary>What a node that goes on from a checkpoint is, and where it comes from.</summary>
    /// <exception cref="NineP.FileException">ENOENT: there is no such checkpoint that the caller may use.</exception>
    (NodeSpec Spec, IAsyncDisposable Origin) OpenCheckpoint(string name, Caller caller);

    /// <summary>Removes a checkpoint; nodes that went on from it are not concerned.</summary>
    ValueTask ForgetAsync(string name, Caller caller, CancellationToken cancellation);
}
