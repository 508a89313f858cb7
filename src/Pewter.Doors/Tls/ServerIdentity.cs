using System.Net;
using System.Net.NetworkInformation;
using System.Net.Security;
using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;

namespace Pewter.Doors.Tls;

/// <summary>
/// The certificate that the doors of this daemon show, made by the built-in authority and renewed before it ends; its key never leaves the
/// process. Safe from any thread.
/// </summary>
internal sealed class ServerIdentity(CertificateAuthority authority, TlsEndpoint endpoint, TimeProvider time)
{
    /// <summary>Short, since nobody has to renew it by hand.</summary>
    private static readonly TimeSpan Lifetime = TimeSpan.FromDays(90);

    private readonly Lock _lock = new();
    private SslStreamCertificateContext? _current;
    private DateTimeOffset _renewAt;

    /// <summary>The identity of a door with TLS.</summary>
    public static ServerIdentity Of(TlsEndpoint endpoint, DoorContext context)
    {
        var authority = context.Authority ?? throw new ArgumentException("A door with TLS needs the authority.", nameof(context));
        return new ServerIdentity(authority, endpoint, context.Time);
    }

    /// <summary>How a handshake goes: TLS 1.2 or newer, a client certificate is asked for, and one that is shown must be good.</summary>
    public SslServerAuthenticationOptions Options() => new()
    {
        ServerCertificateContext = Current(),
        EnabledSslProtocols = SslProtocols.Tls12 | SslProtocols.Tls13,
        ClientCertificateRequired = true,
        CertificateRevocationCheckMode = X509RevocationMode.NoCheck,
        RemoteCertificateValidationCallback = (_, certificate, _, _) =>
            certificate is null || (certificate is X509Certificate2 shown && authority.Identify(shown) is not null),
        // A resumed session would bring back a client certificate that may have been revoked since.
        AllowTlsResume = false,
    };

    /// <summary>The certificate to show now, with its chain.</summary>
    public SslStreamCertificateContext Current()
    {
        lock (_lock)
        {
            if (_current is null || time.GetUtcNow() >= _renewAt)
                Renew();
            return _current!;
        }
    }

    /// <summary>The addresses that clients may call it by: the one it listens on, or all of the machine.</summary>
    private static IEnumerable<IPAddress> Reachable(IPAddress address) => address.Equals(IPAddress.Any) || address.Equals(IPAddress.IPv6Any)
        ? NetworkInterface.GetAllNetworkInterfaces()
            .SelectMany(network => network.GetIPProperties().UnicastAddresses)
            .Where(each => !each.Address.IsIPv6LinkLocal)
            .Select(each => each.Address)
        : [address];

    private void Renew()
    {
        var issued = authority.IssueServer(
            [.. endpoint.Names, "localhost", Dns.GetHostName()],
            new HashSet<IPAddress>([IPAddress.Loopback, IPAddress.IPv6Loopback, .. Reachable(endpoint.Address.Address)]),
            Lifetime);
        var certificate = X509Certificate2.CreateFromPem(issued.CertificatePem, issued.RevealKeyPem());
        _current = SslStreamCertificateContext.Create(certificate, [authority.Certificate], offline: true);
        _renewAt = time.GetUtcNow() + (Lifetime * (2.0 / 3));
    }
}
