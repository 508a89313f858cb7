using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace Pewter.Testing.Blocks;

/// <summary>A certificate authority of one test, with the files that GnuTLS clients look for.</summary>
public sealed class TestAuthority : IDisposable
{
    private static readonly DateTimeOffset Now = TimeProvider.System.GetUtcNow();
    private static readonly DateTimeOffset From = Now.AddHours(-1), To = Now.AddDays(1);
    private readonly X509Certificate2 _authority;

    /// <summary>Makes the authority, and a certificate of the server at 127.0.0.1.</summary>
    public TestAuthority()
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest("CN=test authority", key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(certificateAuthority: true, false, 0, critical: true));
        request.CertificateExtensions.Add(new X509KeyUsageExtension(X509KeyUsageFlags.KeyCertSign, critical: true));
        request.CertificateExtensions.Add(new X509SubjectKeyIdentifierExtension(request.PublicKey, critical: false));
        _authority = request.CreateSelfSigned(From, To);
        Server = Issue("127.0.0.1");
    }

    /// <summary>Where its files lie; removed with it.</summary>
    public string Folder { get; } = Directory.CreateTempSubdirectory($"pw-{Environment.ProcessId}-tls-").FullName;

    /// <summary>The server's certificate, with its key.</summary>
    public X509Certificate2 Server { get; }

    /// <summary>A folder with <c>ca-cert.pem</c>, <c>client-cert.pem</c> and <c>client-key.pem</c> of a client of this name.</summary>
    public string ClientFolder(string name)
    {
        string folder = Path.Join(Folder, name);
        using X509Certificate2 client = Issue(name);
        Write(folder, "client", client);
        return folder;
    }

    /// <summary>The same of the server.</summary>
    public string ServerFolder()
    {
        string folder = Path.Join(Folder, "server");
        Write(folder, "server", Server);
        return folder;
    }

    /// <summary>Whether a certificate is this authority's.</summary>
    public bool HasSigned(X509Certificate2 certificate)
    {
        using var chain = new X509Chain();
        chain.ChainPolicy.TrustMode = X509ChainTrustMode.CustomRootTrust;
        chain.ChainPolicy.CustomTrustStore.Add(_authority);
        chain.ChainPolicy.RevocationMode = X509RevocationMode.NoCheck;
        return chain.Build(certificate);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        Server.Dispose();
        _authority.Dispose();
        Directory.Delete(Folder, recursive: true);
    }

    private void Write(string folder, string role, X509Certificate2 certificate)
    {
        Directory.CreateDirectory(folder);
        File.WriteAllText(Path.Join(folder, "ca-cert.pem"), _authority.ExportCertificatePem());
        File.WriteAllText(Path.Join(folder, $"{role}-cert.pem"), certificate.ExportCertificatePem());
        File.WriteAllText(Path.Join(folder, $"{role}-key.pem"), certificate.GetECDsaPrivateKey()!.ExportPkcs8PrivateKeyPem());
    }

    private X509Certificate2 Issue(string name)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest($"CN={name}", key, HashAlgorithmName.SHA256);
        var names = new SubjectAlternativeNameBuilder();
        if (IPAddress.TryParse(name, out IPAddress? address))
            names.AddIpAddress(address);
        else
            names.AddDnsName(name);
        request.CertificateExtensions.Add(names.Build());
        request.CertificateExtensions.Add(new X509KeyUsageExtension(X509KeyUsageFlags.DigitalSignature, critical: true));
        using X509Certificate2 issued = request.Create(_authority, From, To, RandomNumberGenerator.GetBytes(8));
        using X509Certificate2 withKey = issued.CopyWithPrivateKey(key);
        return X509CertificateLoader.LoadPkcs12(withKey.Export(X509ContentType.Pkcs12), null, X509KeyStorageFlags.Exportable);
    }
}
