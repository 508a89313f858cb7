using System.Security.Cryptography.X509Certificates;
using Pewter.Doors.Admission;

namespace Pewter.Doors.Tls;

/// <summary>Fires when a client certificate is revoked or expires. Owned by the connection that was opened with it.</summary>
internal sealed class CertificateEnd : IDisposable
{
    private readonly CertificateAuthority _authority;
    private readonly string _serial;
    private readonly Deadline _deadline;

    public CertificateEnd(CertificateAuthority authority, X509Certificate2 certificate, TimeProvider time)
    {
        (_authority, _serial) = (authority, certificate.SerialNumber);
        _deadline = new Deadline(certificate.NotAfter.ToUniversalTime(), time);
        authority.Revoked += EndWhenMine;
    }

    public CancellationToken Ended => _deadline.Reached;

    public void Dispose()
    {
        _authority.Revoked -= EndWhenMine;
        _deadline.Dispose();
    }

    private void EndWhenMine(string serial)
    {
        if (string.Equals(serial, _serial, StringComparison.OrdinalIgnoreCase))
            _deadline.Dispose();
    }
}
