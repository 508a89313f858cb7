using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Pewter.Store;

namespace Pewter.Doors.Tls;

/// <summary>The certificates that are no longer good, by serial in capital hexadecimal digits. Reads take no lock.</summary>
internal sealed class RevocationList(EntityTable<Revocation> revoked)
{
    public const string Kind = "ca-revoked";

    public bool Contains(string serial) => revoked.Find(serial) is not null;

    /// <summary>Adds a certificate; durable when it returns. One that is there already stays as it is.</summary>
    public async ValueTask AddAsync(string serial, DateTimeOffset at, CancellationToken cancellation) =>
        await revoked.CreateAsync(serial, new Revocation(at), cancellation);

    /// <summary>The standard form (RFC 5280), for peers that check by themselves.</summary>
    public string Export(X509Certificate2 authority, DateTimeOffset now, TimeSpan validFor)
    {
        var list = new CertificateRevocationListBuilder();
        foreach (var (serial, entity) in revoked.Snapshot)
            list.AddEntry(Convert.FromHexString(serial), entity.Value.At);
        var bytes = list.Build(authority, now.ToUnixTimeSeconds(), now + validFor, HashAlgorithmName.SHA256, null, now);
        return PemEncoding.WriteString("X509 CRL", bytes) + "\n";
    }
}
