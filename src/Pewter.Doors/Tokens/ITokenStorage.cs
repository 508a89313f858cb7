namespace Pewter.Doors.Tokens;

/// <summary>A token as it is kept: the grant and the hash of the secret.</summary>
/// <param name="Grant">What it allows.</param>
/// <param name="Hash">SHA-256 of the token's words, 32 bytes.</param>
public sealed record StoredToken(TokenGrant Grant, ReadOnlyMemory<byte> Hash)
{
    /// <summary>The grant; the hash is nobody's business.</summary>
    public override string ToString() => Grant.ToString();
}

/// <summary>Where tokens outlive the daemon. One <see cref="TokenStore"/> uses it, one call at a time.</summary>
public interface ITokenStorage
{
    /// <summary>All that is kept.</summary>
    ValueTask<IReadOnlyList<StoredToken>> LoadAsync(CancellationToken cancellation);

    /// <summary>Keeps a token; durable when it returns.</summary>
    ValueTask SaveAsync(StoredToken token, CancellationToken cancellation);

    /// <summary>Lets a token go; durable when it returns.</summary>
    ValueTask DeleteAsync(string id, CancellationToken cancellation);
}
