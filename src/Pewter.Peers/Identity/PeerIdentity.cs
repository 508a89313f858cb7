using System.Security.Cryptography;
using System.Text;
using Pewter.Store;

namespace Pewter.Peers.Identity;

/// <summary>
/// What tells one system from all others, made at its first start and kept in its state: an id that everybody may know, and a secret that
/// proves to a parent that the child which comes back is the one that was there.
/// </summary>
internal sealed class PeerIdentity
{
    private const string EntityKind = "peer-identity";
    private const string OwnId = "own";
    private const int SecretBytes = 32;

    private readonly byte[] _secret;

    private PeerIdentity(byte[] secret)
    {
        _secret = secret;
        Id = Convert.ToHexStringLower(SHA256.HashData([.. "id"u8, .. secret]))[..16];
    }

    /// <summary>The id.</summary>
    public string Id { get; }

    /// <summary>The identity of a state, which this daemon leads.</summary>
    public static async ValueTask<PeerIdentity> OpenAsync(StateStore state, CancellationToken cancellation)
    {
        if (await state.ReadAsync(EntityKind, OwnId, cancellation) is { } kept)
        {
            return new PeerIdentity(kept.Body.ToArray());
        }

        var secret = RandomNumberGenerator.GetBytes(SecretBytes);
        (await state.CommitAsync(new CommitBatch().Put(EntityKind, OwnId, secret), cancellation)).OrThrow();
        return new PeerIdentity(secret);
    }

    /// <summary>What is shown to one parent; another cannot use it.</summary>
    public string KeyFor(string parent) => Convert.ToHexStringLower(HMACSHA256.HashData(_secret, Encoding.UTF8.GetBytes(parent)));

    /// <summary>The id, and nothing that proves anything.</summary>
    public override string ToString() => Id;
}
