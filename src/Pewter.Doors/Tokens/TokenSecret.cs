using System.Security.Cryptography;
using System.Text;

namespace Pewter.Doors.Tokens;

/// <summary>
/// The words that prove a token, as its owner holds them: <c>pwt_ID_SECRET</c>. The store keeps only the hash of them. Shown in full by
/// <see cref="Reveal"/> alone; logs, messages and debuggers see the id.
/// </summary>
public sealed class TokenSecret
{
    private const string Prefix = "pwt_";
    private const int SecretBytes = 32;
    private const int IdBytes = 5;
    private readonly string _words;

    private TokenSecret(string id, string words) => (Id, _words) = (id, words);

    /// <summary>Names the token; no secret.</summary>
    public string Id { get; }

    /// <summary>Makes a new one: 256 bits of the system's randomness.</summary>
    public static TokenSecret Generate()
    {
        var id = Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(IdBytes));
        var secret = Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(SecretBytes));
        return new TokenSecret(id, $"{Prefix}{id}_{secret}");
    }

    /// <summary>Reads the words; null when they do not have the form.</summary>
    public static TokenSecret? TryParse(string? words)
    {
        var shape = words?.Split('_');
        return shape is ["pwt", { Length: 2 * IdBytes } id, { Length: 2 * SecretBytes }] ? new TokenSecret(id, words!) : null;
    }

    /// <summary>The words themselves, to hand to their owner once.</summary>
    public string Reveal() => _words;

    /// <summary>What is stored. The secret has 256 random bits, so a plain hash cannot be searched.</summary>
    public byte[] Hash() => SHA256.HashData(Encoding.UTF8.GetBytes(_words));

    /// <summary>The id, and nothing that proves anything.</summary>
    public override string ToString() => $"{Prefix}{Id}_…";
}
