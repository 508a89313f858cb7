using System.Net.Security;
using System.Security.Authentication;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace Pewter.Messaging.Direct;

/// <summary>
/// What a hub is known by on direct connections: a certificate that it makes itself at each start, whose digest the tree
/// hands on. It is on no disk, and worth nothing once its hub has ended.
/// </summary>
internal sealed class DirectKey : IDisposable
{
    // Longer than any daemon lives; its worth ends with the tree's word.
    private const int Years = 20;

    private readonly X509Certificate2 _certificate;

    internal DirectKey(TimeProvider time)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var now = time.GetUtcNow();
        var request = new CertificateRequest("CN=pewter mail", key, HashAlgorithmName.SHA256);
        using var made = request.CreateSelfSigned(now.AddDays(-1), now.AddYears(Years));
        _certificate = X509CertificateLoader.LoadPkcs12(made.Export(X509ContentType.Pkcs12), null);
    }

    /// <summary>The SHA-256 of the certificate, in hexadecimal digits.</summary>
    internal string Digest => DigestOf(_certificate);

    public void Dispose() => _certificate.Dispose();

    internal static string DigestOf(X509Certificate certificate) => Convert.ToHexStringLower(SHA256.HashData(certificate.GetRawCertData()));

    /// <summary>How this side dials a hub with a key.</summary>
    internal SslClientAuthenticationOptions Dialling(string key) => new()
    {
        TargetHost = "pewter", EnabledSslProtocols = SslProtocols.Tls13, ClientCertificateContext = Context(),
        CertificateRevocationCheckMode = X509RevocationMode.NoCheck,
        RemoteCertificateValidationCallback = (_, shown, _, _) => shown is not null && DigestOf(shown) == key,
    };

    /// <summary>How this side takes hubs whose keys are known.</summary>
    internal SslServerAuthenticationOptions Listening(Predicate<string> isKnown) => new()
    {
        EnabledSslProtocols = SslProtocols.Tls13, ServerCertificateContext = Context(), ClientCertificateRequired = true,
        CertificateRevocationCheckMode = X509RevocationMode.NoCheck,
        RemoteCertificateValidationCallback = (_, shown, _, _) => shown is not null && isKnown(DigestOf(shown)),
    };

    private SslStreamCertificateContext Context() => SslStreamCertificateContext.Create(_certificate, null, offline: true);
}
