using Pewter.Networks.Ports;

namespace Pewter.Networks.Plane;

/// <summary>Who serves a segment's members: addresses, names, boot files.</summary>
internal interface IPlane
{
    /// <summary>Makes known what a segment is; it is served so when this returns.</summary>
    Task ApplyAsync(NetworkRecord network, IReadOnlyList<PortRecord> ports, CancellationToken cancellation);

    /// <summary>Ends the service of a segment.</summary>
    Task RemoveAsync(NetworkRecord network, CancellationToken cancellation);

    /// <summary>The leases of machines that came unannounced: a line each.</summary>
    string Leases(NetworkRecord network);

    /// <summary>What was lately done for a segment: a line each.</summary>
    string Log(NetworkRecord network);
}
