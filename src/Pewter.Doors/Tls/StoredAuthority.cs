using System.Text.Json.Serialization;

namespace Pewter.Doors.Tls;

/// <summary>The authority as it is kept in the store.</summary>
/// <param name="Certificate">Its certificate, PEM.</param>
/// <param name="Key">Its private key, PEM.</param>
internal sealed record StoredAuthority(string Certificate, string Key)
{
    /// <summary>Nothing of the key.</summary>
    public override string ToString() => Certificate;
}

/// <summary>A certificate that is no longer good.</summary>
/// <param name="At">When it was revoked.</param>
internal sealed record Revocation(DateTimeOffset At);

/// <summary>How the authority's state is written.</summary>
[JsonSerializable(typeof(StoredAuthority))]
[JsonSerializable(typeof(Revocation))]
internal sealed partial class AuthorityJson : JsonSerializerContext;
