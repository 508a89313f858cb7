using System.Security.Cryptography;
using System.Text;

namespace Pewter.Peers.Identity;

/// <summary>
/// What tells one daemon from all others, made at its first start and kept in its state directory: an id that everybody may know, and
/// a secret that
/// proves to a parent that the child which comes back is the one that was there.
/// </summary>
internal sealed class PeerIdentity
{
    private const int SecretBytes = 32;
    private readonly byte[] _secret;

    private PeerIdentity(byte[] secret)
    {
        _secret = secret;
        Id = Convert.ToHexStringLower(SHA256.HashData([.. "id"u8, .. secret]))[..16];
    }

    /// <summary>The id.</summary>
    public string Id { get; }

    /// <summary>The identity of a state directory.</summary>
    public static PeerIdentity Open(string directory)
    {
        var path = Path.Combine(directory, "secret");
        if (File.Exists(path) && File.ReadAllBytes(path) is { Length: SecretBytes } kept)
        {
            return new PeerIdentity(kept);
        }

        var secret = RandomNumberGenerator.GetBytes(SecretBytes);
        var beside = path + ".new";
        var options = new FileStreamOptions
        {
            Mode = FileMode.Create, Access = FileAccess.Write, UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite,
        };
        using (var file = new FileStream(beside, options))
        {
            file.Write(secret);
            file.Flush(flushToDisk: true);
        }

        File.Move(beside, path, overwrite: true);
        return new PeerIdentity(secret);
    }

    /// <summary>What is shown to one parent; another cannot use it.</summary>
    public string KeyFor(string parent) => Convert.ToHexStringLower(HMACSHA256.HashData(_secret, Encoding.UTF8.GetBytes(parent)));

    /// <summary>The id, and nothing that proves anything.</summary>
    public override string ToString() => Id;
}
