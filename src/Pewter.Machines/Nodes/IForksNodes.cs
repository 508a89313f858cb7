namespace Pewter.Machines.Nodes;

/// <summary>A kind whose running nodes can be copied.</summary>
internal interface IForksNodes
{
    /// <summary>
    /// Begins to copy a node. What it returns is the <see cref="Node.Origin"/> of the copies, whose steps take from it
    /// what they need; it is disposed when all of them are ready or have failed.
    /// </summary>
    /// <param name="parent">The node.</param>
    /// <param name="count">How many copies there will be.</param>
    /// <param name="exclusive">Runs a piece of work while nothing else is done to the parent.</param>
    /// <param name="cancellation">Ends it.</param>
    IAsyncDisposable BeginFork(Node parent, int count, Func<Func<Task>, Task> exclusive, CancellationToken cancellation);
}
