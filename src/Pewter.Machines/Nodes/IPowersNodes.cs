namespace Pewter.Machines.Nodes;

/// <summary>
/// A kind whose nodes have a power switch. Turning off is undoing the steps that do not stay; turning on is taking them
/// again.
/// </summary>
internal interface IPowersNodes
{
    /// <summary>Whether a node can start in the place of any other of its kind, since it has nothing but its disk that it needs.</summary>
    bool TakesPlaces => false;

    /// <summary>Asks what runs there to end by itself; returns when it has, or when the grace is over.</summary>
    ValueTask AskToStopAsync(Node node, TimeSpan grace, CancellationToken cancellation);

    /// <summary>
    /// Chooses what the node starts from next: <c>disk</c>, <c>net</c> or <c>kernel</c>. Returns the spec that says so.
    /// </summary>
    /// <exception cref="NineP.FileException">EINVAL: it cannot start from that.</exception>
    ValueTask<NodeSpec> SetBootDeviceAsync(Node node, string device, CancellationToken cancellation);

    /// <summary>What a node is to be when it is built anew from an image; null: from its own again.</summary>
    /// <exception cref="NineP.FileException">ENOENT: there is no such image. EINVAL: it is nothing that can be built
    /// anew.</exception>
    ValueTask<NodeSpec> WithImageAsync(Node node, string? image, NineP.Serving.Caller caller, CancellationToken cancellation) =>
        throw new NineP.FileException(NineP.Errno.EOPNOTSUPP, $"{node.Id} is a {node.Kind.Name}, which is not built anew by this.");

    /// <summary>Makes a node stand still, or go on; both are well when it does already.</summary>
    ValueTask SuspendAsync(Node node, bool suspend, CancellationToken cancellation);
}
