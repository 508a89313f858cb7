using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Pewter.Doors.Access;
using Pewter.NineP;
using Pewter.Store;

namespace Pewter.Doors.Tls;

/// <summary>
/// The built-in certificate authority of a system: ECDSA on P-256, kept with its key and its revocations in the daemon's state, so that
/// another daemon on the same state is the same authority. It issues the certificates of servers and of clients and decides which client
/// certificate is believed. Safe from any thread.
/// </summary>
public sealed class CertificateAuthority : IDisposable
{
    /// <summary>Twenty years: longer than the machines that trust it.</summary>
    private static readonly TimeSpan AuthorityLifetime = TimeSpan.FromDays(7305);

    /// <summary>A state has one authority.</summary>
    private const string OwnId = "own";

    private readonly X509Certificate2 _certificate;
    private readonly CertificateIssuer _issuer;
    private readonly RevocationList _revoked;
    private readonly TimeProvider _time;

    private CertificateAuthority(X509Certificate2 certificate, RevocationList revoked, TimeProvider time)
    {
        (_certificate, _revoked, _time) = (certificate, revoked, time);
        _issuer = new CertificateIssuer(certificate, time);
    }

    /// <summary>Is told the serial of each certificate that is revoked, when it no longer opens anything.</summary>
    public event Action<string>? Revoked;

    /// <summary>The authority's own certificate, PEM: what clients trust.</summary>
    public string CertificatePem => _certificate.ExportCertificatePem() + "\n";

    internal X509Certificate2 Certificate => _certificate;

    /// <summary>Opens the authority of a daemon's state, which it leads; it is made when there is none.</summary>
    public static async ValueTask<CertificateAuthority> OpenAsync(
        StateStore state, TimeProvider time, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(state);
        ArgumentNullException.ThrowIfNull(time);
        var authorities = await state.LoadTableAsync("ca", AuthorityJson.Default.StoredAuthority, cancellation);
        if (authorities.Find(OwnId) is null)
        {
            await authorities.CreateAsync(OwnId, Create(time.GetUtcNow()), cancellation);
        }

        var own = authorities.Find(OwnId)!.Value;
        var revoked = await state.LoadTableAsync(RevocationList.Kind, AuthorityJson.Default.Revocation, cancellation);
        return new CertificateAuthority(X509Certificate2.CreateFromPem(own.Certificate, own.Key), new RevocationList(revoked), time);
    }

    /// <summary>Issues a server's certificate for its DNS names and addresses.</summary>
    public IssuedCertificate IssueServer(IEnumerable<string> names, IEnumerable<IPAddress> addresses, TimeSpan lifetime) =>
        _issuer.IssueServer(names, addresses, lifetime);

    /// <summary>Issues a client's certificate. EINVAL for an identity that cannot be written.</summary>
    public IssuedCertificate IssueClient(ClientIdentity identity, TimeSpan lifetime)
    {
        ArgumentNullException.ThrowIfNull(identity);
        if (identity.User.Length is 0 or > 64 || identity.Groups.Any(group => group.Length is 0 or > 64))
            throw new FileException(Errno.EINVAL, "Names of users and groups have 1 to 64 characters in a certificate.");
        return _issuer.IssueClient(identity, lifetime);
    }

    /// <summary>Makes a certificate worth nothing, now and after a restart.</summary>
    public async ValueTask RevokeAsync(string serial, CancellationToken cancellation = default)
    {
        if (serial.Length == 0 || serial.Length % 2 != 0 || !serial.All(char.IsAsciiHexDigit))
            throw new FileException(Errno.EINVAL, "A serial number is pairs of hexadecimal digits.");
        await Durably.DoAsync(() => _revoked.AddAsync(serial.ToUpperInvariant(), _time.GetUtcNow(), cancellation));
        Revoked?.Invoke(serial.ToUpperInvariant());
    }

    /// <summary>The revocation list, PEM, good for a week.</summary>
    public string ExportRevocationList() => _revoked.Export(_certificate, _time.GetUtcNow(), TimeSpan.FromDays(7));

    /// <summary>Who a client certificate stands for; null when it is not ours, not for clients, expired or revoked.</summary>
    public ClientIdentity? Identify(X509Certificate2 certificate)
    {
        ArgumentNullException.ThrowIfNull(certificate);
        if (_revoked.Contains(certificate.SerialNumber))
            return null;
        using var chain = new X509Chain();
        chain.ChainPolicy.TrustMode = X509ChainTrustMode.CustomRootTrust;
        chain.ChainPolicy.CustomTrustStore.Add(_certificate);
        chain.ChainPolicy.RevocationMode = X509RevocationMode.NoCheck;
        chain.ChainPolicy.DisableCertificateDownloads = true;
        chain.ChainPolicy.VerificationTime = _time.GetUtcNow().LocalDateTime;
        chain.ChainPolicy.ApplicationPolicy.Add(CertificateIssuer.ClientPurpose);
        return chain.Build(certificate) ? ClientIdentity.TryRead(certificate) : null;
    }

    /// <inheritdoc/>
    public void Dispose() => _certificate.Dispose();

    private static StoredAuthority Create(DateTimeOffset now)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var id = Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(4));
        var request = new CertificateRequest($"CN=Pewter authority {id}", key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(true, true, 0, true));
        request.CertificateExtensions.Add(new X509KeyUsageExtension(X509KeyUsageFlags.KeyCertSign | X509KeyUsageFlags.CrlSign, true));
        request.CertificateExtensions.Add(new X509SubjectKeyIdentifierExtension(request.PublicKey, false));
        using var certificate = request.CreateSelfSigned(now - CertificateIssuer.ClockSkew, now + AuthorityLifetime);
        return new StoredAuthority(certificate.ExportCertificatePem() + "\n", key.ExportPkcs8PrivateKeyPem() + "\n");
    }
}
