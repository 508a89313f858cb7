using System.Text.Json.Serialization;

namespace Pewter.Doors.Tokens;

/// <summary>A token as it is kept in the store: the grant and the hash of the secret.</summary>
/// <param name="Grant">What it allows.</param>
/// <param name="Hash">SHA-256 of the token's words, 32 bytes.</param>
internal sealed record StoredToken(TokenGrant Grant, ReadOnlyMemory<byte> Hash)
{
    /// <summary>The grant; the hash is nobody's business.</summary>
    public override string ToString() => Grant.ToString();
}

/// <summary>How tokens are written.</summary>
[JsonSerializable(typeof(StoredToken))]
internal sealed partial class TokenJson : JsonSerializerContext;
