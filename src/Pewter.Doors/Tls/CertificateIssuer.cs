using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace Pewter.Doors.Tls;

/// <summary>Writes and signs certificates with an authority's key. Safe from any thread.</summary>
internal sealed class CertificateIssuer(X509Certificate2 authority, TimeProvider time)
{
    /// <summary>Clocks of clients may be late by this much.</summary>
    public static readonly TimeSpan ClockSkew = TimeSpan.FromMinutes(5);

    /// <summary>id-kp-clientAuth.</summary>
    public static readonly Oid ClientPurpose = new("1.3.6.1.5.5.7.3.2");

    /// <summary>id-kp-serverAuth.</summary>
    private static readonly Oid ServerPurpose = new("1.3.6.1.5.5.7.3.1");

    public IssuedCertificate IssueServer(IEnumerable<string> names, IEnumerable<IPAddress> addresses, TimeSpan lifetime)
    {
        var alternatives = new SubjectAlternativeNameBuilder();
        foreach (var name in names)
            alternatives.AddDnsName(name);
        foreach (var address in addresses)
            alternatives.AddIpAddress(address);
        var subject = new X500DistinguishedName("CN=pewterd");
        return Issue(subject, ServerPurpose, alternatives.Build(), lifetime);
    }

    public IssuedCertificate IssueClient(ClientIdentity identity, TimeSpan lifetime) =>
        Issue(identity.ToSubject(), ClientPurpose, null, lifetime);

    private IssuedCertificate Issue(X500DistinguishedName subject, Oid purpose, X509Extension? alternatives, TimeSpan lifetime)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest(subject, key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(false, false, 0, true));
        request.CertificateExtensions.Add(new X509KeyUsageExtension(X509KeyUsageFlags.DigitalSignature, true));
        request.CertificateExtensions.Add(new X509EnhancedKeyUsageExtension([purpose], false));
        request.CertificateExtensions.Add(X509AuthorityKeyIdentifierExtension.CreateFromCertificate(authority, true, false));
        if (alternatives is not null)
            request.CertificateExtensions.Add(alternatives);
        var now = time.GetUtcNow();
        var serial = RandomNumberGenerator.GetBytes(16);
        // A positive number, whose first byte is not left out.
        serial[0] = (byte)((serial[0] & 0x7F) | 0x40);
        using var certificate = request.Create(authority, now - ClockSkew, now + lifetime, serial);
        return new IssuedCertificate(
            certificate.SerialNumber, certificate.ExportCertificatePem() + "\n", key.ExportPkcs8PrivateKeyPem() + "\n");
    }
}
