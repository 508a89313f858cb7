using Pewter.Networks.Ports;

namespace Pewter.Networks.Segments;

/// <summary>
/// What segments are made of: bridges of their own, or a switch that many share. Every member is idempotent, so that
/// what was cut short is simply done
/// again; calls for one segment or switch come one at a time.
/// </summary>
internal interface IWiring
{
    /// <summary>Makes a segment, or what is missing of it.</summary>
    Task MakeAsync(NetworkRecord network, CancellationToken cancellation);

    /// <summary>Takes a segment away.</summary>
    Task UnmakeAsync(NetworkRecord network, CancellationToken cancellation);

    /// <summary>Makes a port and plugs it into all its networks, or what is missing of that.</summary>
    Task PlugAsync(PortRecord port, IReadOnlyList<NetworkRecord> networks, CancellationToken cancellation);

    /// <summary>Takes a port away.</summary>
    Task UnplugAsync(PortRecord port, NetworkRecord network, CancellationToken cancellation);

    /// <summary>Whether a segment and its ports are there as they were applied.</summary>
    Task<bool> IsWholeAsync(NetworkRecord network, IReadOnlyList<PortRecord> ports, CancellationToken cancellation);

    /// <summary>The path of the namespace that a port's interface is in.</summary>
    string NamespacePath(PortRecord port, NetworkRecord network);
}
