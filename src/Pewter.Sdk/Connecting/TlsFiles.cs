using System.Net.Security;
using System.Security.Cryptography.X509Certificates;

namespace Pewter.Sdk;

/// <summary>Files in PEM that a TLS connection is made with; what is null is left to the system.</summary>
/// <param name="Authority">Whom to trust, and nobody else.</param>
/// <param name="Certificate">What to show.</param>
/// <param name="Key">The key of that.</param>
public sealed record TlsFiles(string? Authority = null, string? Certificate = null, string? Key = null)
{
    internal SslClientAuthenticationOptions Options(string host)
    {
        var options = new SslClientAuthenticationOptions { TargetHost = host };
        if (Authority is not null)
        {
            options.CertificateChainPolicy = new X509ChainPolicy
            {
                TrustMode = X509ChainTrustMode.CustomRootTrust, RevocationMode = X509RevocationMode.NoCheck,
            };
            options.CertificateChainPolicy.CustomTrustStore.ImportFromPemFile(Authority);
        }

        if (Certificate is not null)
        {
            options.ClientCertificates = [X509Certificate2.CreateFromPemFile(Certificate, Key)];
        }

        return options;
    }
}
