using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Pewter.Hosting;
using Pewter.Hosting.Ledger;
using Pewter.Linux.Networking;

namespace Pewter.Networks.Segments;

/// <summary>The names of one daemon's segments in the kernel; no two daemons on a machine meet there. Immutable.</summary>
internal sealed record SegmentPlace
{
    /// <summary>The interface of a segment's own namespace that is its bridge, or its cable to the switch.</summary>
    public const string Own = "seg0";

    /// <summary>The interface that reaches the segment's other machines.</summary>
    public const string Tunnel = "vx0";

    private readonly byte[] _hash;

    private SegmentPlace(byte[] hash) => _hash = hash;

    /// <summary>Tells this daemon's names from another's.</summary>
    public string Tag => $"pewter-{Convert.ToHexStringLower(_hash.AsSpan(0, 4))}";

    /// <summary>Two bytes of hardware addresses that tell this daemon's ports from another's.</summary>
    public ushort Machine => (ushort)((_hash[4] << 8) | _hash[5]);

    /// <summary>The namespace whose interfaces reach other machines; null: this process's.</summary>
    public string? Underlay { get; init; }

    /// <summary>The place of a daemon.</summary>
    public static SegmentPlace For(ServiceContext context, NetworkServiceOptions options) =>
        new(SHA256.HashData(Encoding.UTF8.GetBytes(Path.GetFullPath(context.StateDirectory) + context.MachineName))) { Underlay = options.Underlay };

    /// <summary>The name of a network's namespace.</summary>
    public string Namespace(NetworkRecord network) => $"{Tag}-{network.Id}";

    /// <summary>The path of a network's namespace.</summary>
    public string NamespacePath(NetworkRecord network) => NamedNetwork.PathOf(Namespace(network));

    /// <summary>The name that a tunnel has until it is in its segment.</summary>
    public string TunnelName(NetworkRecord network) =>
        string.Create(CultureInfo.InvariantCulture, $"pw{Convert.ToHexStringLower(_hash.AsSpan(0, 3))}v{network.Number}");

    /// <summary>The prefix that a network's routers announce: local, the same after every restart.</summary>
    public string Prefix6(long number) => string.Create(
        CultureInfo.InvariantCulture,
        $"fd{_hash[0]:x2}:{_hash[1]:x2}{_hash[2]:x2}:{_hash[3]:x2}{_hash[4]:x2}:{number & 0xffff:x}::");

    /// <summary>What a network has in the kernel.</summary>
    public IEnumerable<KernelResource> Resources(NetworkRecord network)
    {
        yield return new KernelResource(KernelResourceKind.Namespace, Namespace(network), NetworkService.ServiceName);
        if (network.Vni is not null && Underlay is null)
        {
            yield return new KernelResource(KernelResourceKind.Interface, TunnelName(network), NetworkService.ServiceName);
        }
    }
}
