using System.Collections.Frozen;
using System.Globalization;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace Pewter.Doors.Tls;

/// <summary>The certificates that are no longer good: a file of serials and times. Reads take no lock; the authority makes the changes.</summary>
internal sealed class RevocationList(string path)
{
    private volatile FrozenDictionary<string, DateTimeOffset> _revoked = FrozenDictionary<string, DateTimeOffset>.Empty;

    public bool Contains(string serial) => _revoked.ContainsKey(serial);

    public void Load()
    {
        if (!File.Exists(path))
            return;
        _revoked = File.ReadLines(path)
            .Select(line => line.Split(' '))
            .ToFrozenDictionary(
                words => words[0], words => DateTimeOffset.Parse(words[1], CultureInfo.InvariantCulture), StringComparer.OrdinalIgnoreCase);
    }

    public async ValueTask AddAsync(string serial, DateTimeOffset at, CancellationToken cancellation)
    {
        var next = new Dictionary<string, DateTimeOffset>(_revoked, StringComparer.OrdinalIgnoreCase) { [serial] = at };
        var lines = next.Select(entry => string.Create(CultureInfo.InvariantCulture, $"{entry.Key} {entry.Value:O}\n"));
        await PrivateFile.WriteAsync(path, string.Concat(lines), cancellation);
        _revoked = next.ToFrozenDictionary(StringComparer.OrdinalIgnoreCase);
    }

    /// <summary>The standard form (RFC 5280), for peers that check by themselves.</summary>
    public string Export(X509Certificate2 authority, DateTimeOffset now, TimeSpan validFor)
    {
        var list = new CertificateRevocationListBuilder();
        foreach (var (serial, at) in _revoked)
            list.AddEntry(Convert.FromHexString(serial), at);
        var bytes = list.Build(authority, now.ToUnixTimeSeconds(), now + validFor, HashAlgorithmName.SHA256, null, now);
        return PemEncoding.WriteString("X509 CRL", bytes) + "\n";
    }
}
