using System.Net;
using System.Net.NetworkInformation;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Pewter.NineP;

namespace Pewter.Machines.Nodes.Splices;

/// <summary>
/// How one machine is reached by another for one splice: where it listens, the SHA-256 of its certificate, and the word that proves who comes.
/// It is handed over in the tree, whose links are encrypted and admit who may know it; it is for one time and for ten seconds.
/// </summary>
/// <param name="Addresses">Addresses and ports.</param>
/// <param name="Key">SHA-256 of the certificate, in hexadecimal digits.</param>
/// <param name="Token">32 bytes in hexadecimal digits.</param>
internal sealed record SpliceOffer(IReadOnlyList<IPEndPoint> Addresses, string Key, string Token)
{
    /// <summary>Reads one from the words of a command.</summary>
    /// <exception cref="FileException">EINVAL: an address is none.</exception>
    public static SpliceOffer Parse(string addresses, string key, string token) => new(
        [.. addresses.Split(',', StringSplitOptions.RemoveEmptyEntries).Take(SpliceLimits.Addresses).Select(Address)], key, token);

    /// <summary>Whether a certificate is the offered one.</summary>
    public bool IsOf(X509Certificate? certificate) =>
        certificate is not null && Fingerprint(certificate).Equals(Key, StringComparison.OrdinalIgnoreCase);

    /// <summary>The SHA-256 of a certificate.</summary>
    public static string Fingerprint(X509Certificate certificate) => Convert.ToHexStringLower(SHA256.HashData(certificate.GetRawCertData()));

    /// <summary>
    /// The addresses of this machine that others may know: of interfaces that are up, without loopback and link-local ones, and without those
    /// of Pewter's own networks, which carry no control traffic. In a network namespace whose <c>/sys</c> is another's the state is unknown.
    /// </summary>
    public static IEnumerable<IPAddress> OwnAddresses() => NetworkInterface.GetAllNetworkInterfaces()
        .Where(card => card.OperationalStatus is OperationalStatus.Up or OperationalStatus.Unknown)
        .Where(card => card.NetworkInterfaceType != NetworkInterfaceType.Loopback
            && !card.Name.StartsWith("pw", StringComparison.Ordinal))
        .SelectMany(card => card.GetIPProperties().UnicastAddresses)
        .Select(unicast => unicast.Address)
        .Where(address => !IPAddress.IsLoopback(address) && !address.IsIPv6LinkLocal && !IsLinkLocal(address))
        .Take(SpliceLimits.Addresses);

    private static IPEndPoint Address(string text) => IPEndPoint.TryParse(text, out var address)
        ? address
        : throw new FileException(Errno.EINVAL, $"meet: '{text}' is no address and port.");

    // RFC 3927.
    private static bool IsLinkLocal(IPAddress address) =>
        address.AddressFamily == AddressFamily.InterNetwork && address.GetAddressBytes() is [169, 254, ..];
}
