using Pewter.Networks.Ports;

namespace Pewter.Networks.Plane;

/// <summary>Nobody serves the segments: members have the addresses that they were given by other ways.</summary>
internal sealed class NoPlane : IPlane
{
    /// <inheritdoc/>
    public Task ApplyAsync(NetworkRecord network, IReadOnlyList<PortRecord> ports, CancellationToken cancellation) => Task.CompletedTask;

    /// <inheritdoc/>
    public Task RemoveAsync(NetworkRecord network, CancellationToken cancellation) => Task.CompletedTask;

    /// <inheritdoc/>
    public string Leases(NetworkRecord network) => "";

    /// <inheritdoc/>
    public string Log(NetworkRecord network) => "";
}
