using System.Net.Security;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Pewter.Blocks;

namespace Pewter.Disks;

/// <summary>
/// The certificates of NBD's STARTTLS, in a directory as QEMU and GnuTLS name them: <c>server-cert.pem</c>, <c>server-key.pem</c>, and
/// <c>ca-cert.pem</c>, whose clients may come in. Which disk a client may use its certificate's name decides.
/// </summary>
public static class NbdCertificates
{
    private const int NoSuchFile = 2;

    /// <summary>Loads them.</summary>
    /// <exception cref="BlockException">A file is missing, or is no certificate or key.</exception>
    public static SslServerAuthenticationOptions Load(string directory)
    {
        try
        {
            using var pem = X509Certificate2.CreateFromPemFile(Path.Join(directory, "server-cert.pem"), Path.Join(directory, "server-key.pem"));
            var authority = X509CertificateLoader.LoadCertificateFromFile(Path.Join(directory, "ca-cert.pem"));
            return new SslServerAuthenticationOptions
            {
                // TLS needs the key with the certificate in one object of its own.
                ServerCertificate = X509CertificateLoader.LoadPkcs12(pem.Export(X509ContentType.Pkcs12), null),
                ClientCertificateRequired = true,
                RemoteCertificateValidationCallback = (_, certificate, _, _) =>
                    certificate is X509Certificate2 client && IsSigned(client, authority),
            };
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException or CryptographicException)
        {
            throw new BlockException(
                NoSuchFile, $"{directory} needs server-cert.pem, server-key.pem and ca-cert.pem for NBD's TLS: {failure.Message}", failure);
        }
    }

    private static bool IsSigned(X509Certificate2 client, X509Certificate2 authority)
    {
        using var chain = new X509Chain();
        chain.ChainPolicy.TrustMode = X509ChainTrustMode.CustomRootTrust;
        chain.ChainPolicy.CustomTrustStore.Add(authority);
        chain.ChainPolicy.RevocationMode = X509RevocationMode.NoCheck;
        return chain.Build(client);
    }
}
