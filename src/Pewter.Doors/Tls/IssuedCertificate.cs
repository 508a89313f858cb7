namespace Pewter.Doors.Tls;

/// <summary>A certificate and its private key, to hand to their owner once. The authority keeps no copy of the key.</summary>
public sealed class IssuedCertificate
{
    private readonly string _keyPem;

    internal IssuedCertificate(string serial, string certificatePem, string keyPem) =>
        (Serial, CertificatePem, _keyPem) = (serial, certificatePem, keyPem);

    /// <summary>The serial number in hexadecimal; what a revocation names.</summary>
    public string Serial { get; }

    /// <summary>The certificate, PEM.</summary>
    public string CertificatePem { get; }

    /// <summary>The private key, PKCS #8 PEM.</summary>
    public string RevealKeyPem() => _keyPem;

    /// <summary>The serial, and nothing that proves anything.</summary>
    public override string ToString() => $"certificate {Serial}";
}
