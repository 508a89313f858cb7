using System.Net;
using Pewter.Blocks.Exports;

namespace Pewter.Disks;

/// <summary>Who may use a disk, as it is kept over restarts. Immutable.</summary>
internal sealed record DiskAccess
{
    public static DiskAccess Local { get; } = new();

    public bool IsReadOnly { get; init; }

    public bool OneHost { get; init; }

    public IReadOnlyList<IPNetwork> Networks { get; init; } = [];

    public IReadOnlyList<ExportHost> Hosts { get; init; } = [];

    public IReadOnlyList<string> Certificates { get; init; } = [];

    public IReadOnlyList<ExportInitiator> Initiators { get; init; } = [];

    public ExportAccess ToExport() => new()
    {
        IsReadOnly = IsReadOnly, OneHost = OneHost, NbdNetworks = Networks, NbdHosts = Hosts, NbdCertificates = Certificates, Initiators = Initiators,
    };
}
