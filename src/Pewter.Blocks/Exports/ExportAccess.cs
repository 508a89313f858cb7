using System.Net;

namespace Pewter.Blocks.Exports;

/// <summary>
/// Who may use an export. Nothing is open to all: NBD over TCP needs a listed network or a client certificate, NBD over a Unix socket the
/// socket's file permissions, iSCSI a listed initiator with its secret. Immutable.
/// </summary>
public sealed record ExportAccess
{
    /// <summary>Over the local Unix socket only.</summary>
    public static ExportAccess Local { get; } = new();

    /// <summary>Writes are refused with EROFS.</summary>
    public bool IsReadOnly { get; init; }

    /// <summary>Sessions of a second host are refused while a first one has any: the disk carries a file system that only one may mount.</summary>
    public bool OneHost { get; init; }

    /// <summary>Networks whose NBD clients may come over TCP.</summary>
    public IReadOnlyList<IPNetwork> NbdNetworks { get; init; } = [];

    /// <summary>Hosts of other network namespaces whose NBD clients may come there, at an address of ours.</summary>
    public IReadOnlyList<ExportHost> NbdHosts { get; init; } = [];

    /// <summary>Common names of client certificates that may come over TCP with TLS, from any network.</summary>
    public IReadOnlyList<string> NbdCertificates { get; init; } = [];

    /// <summary>The iSCSI initiators that may log in.</summary>
    public IReadOnlyList<ExportInitiator> Initiators { get; init; } = [];

    /// <summary>Whether an NBD client that comes over TCP may use the export.</summary>
    /// <param name="address">Its address.</param>
    /// <param name="certificateName">The name that it proved; null: none.</param>
    /// <param name="network">The path of the network namespace that it came by; null: this process's own.</param>
    public bool AdmitsNbd(IPAddress address, string? certificateName, string? network = null)
    {
        IPAddress plain = address.IsIPv4MappedToIPv6 ? address.MapToIPv4() : address;
        // The same address is another host in another namespace.
        return (network is null ? NbdNetworks.Any(n => n.Contains(plain)) : NbdHosts.Any(h => h.Network == network && h.Address.Equals(plain)))
            || (certificateName is not null && NbdCertificates.Contains(certificateName));
    }
}

/// <summary>A host of another network namespace.</summary>
/// <param name="Network">The path of the namespace, such as <c>/run/netns/NAME</c>.</param>
/// <param name="Portal">This process's address there.</param>
/// <param name="Address">The host's.</param>
public sealed record ExportHost(string Network, IPAddress Portal, IPAddress Address);

/// <summary>An iSCSI initiator that may log in.</summary>
/// <param name="Name">Its iSCSI name, compared without case.</param>
/// <param name="User">The CHAP name it gives; usually <paramref name="Name"/>.</param>
/// <param name="Secret">The CHAP secret it must know.</param>
/// <param name="TargetUser">The CHAP name the target gives back, or null when the initiator does not ask.</param>
/// <param name="TargetSecret">The CHAP secret the target must know.</param>
public sealed record ExportInitiator(string Name, string User, string Secret, string? TargetUser = null, string? TargetSecret = null);
